import { describe, expect, test } from 'vitest'
import { createSchemaCheck } from '../../report/support/schemas.js'
import { Scene } from '../../support/scene.js'

/** Nothing listens on port 1. */
const unreachable = 'postgres://orch:secret@127.0.0.1:1/orch'

describe('orch worker', () => {
  test('orch worker without a PostgreSQL ends with exit code 2 and says why', async () => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch('worker')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('there is no PostgreSQL to work on')
    expect(stderr).toContain('DATABASE_URL')
    expect(await scene.files()).toEqual([])
  })
})

describe('orch workers', () => {
  test('orch workers beside an embedded database without a service lists none, and creates no database', async () => {
    await using scene = await Scene.open()
    expect(await scene.orch('workers')).toMatchObject({
      code: 0,
      stdout: 'There are no workers; orch serve and orch worker start some.\n',
      stderr: '',
    })
    const { stdout } = await scene.orch('workers --json')
    expect(JSON.parse(stdout)).toEqual({ items: [] })
    expect(createSchemaCheck('workers')(JSON.parse(stdout))).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('orch workers does not wait for a PostgreSQL that cannot be reached, and shows no password', async () => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch(['workers', '--database', unreachable])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('the database postgres://orch@127.0.0.1:1/orch cannot be reached')
    expect(stderr).not.toContain('secret')
  })
})
