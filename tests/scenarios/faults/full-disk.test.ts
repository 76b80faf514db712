import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { devNull } from 'node:os'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Scene } from '../../support/scene.js'

/** The prototype of all file handles of this process: the tests replace its methods to simulate a full disk. */
let files: FileHandle

beforeEach(async () => {
  const file = await open(devNull)
  files = Object.getPrototypeOf(file) as FileHandle
  await file.close()
})

afterEach(() => {
  vi.restoreAllMocks()
})

function fillDisk(): void {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  vi.spyOn(files, 'write').mockRejectedValue(error)
}

describe('full disk', () => {
  test('a disk that is full from the start reports a clear error, and nothing is dispatched or posted', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    fillDisk()
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('ENOSPC')
    expect(stderr).toContain('what to do: Make room')
    expect(scene.writes()).toEqual([])
  })

  test('a disk that becomes full during builds cancels them, keeps the change locked with the reason, and exits 1', async () => {
    await using scene = await Scene.open()
    const number = await scene.change('repoB', 'DPTA-1')
    await scene.change('repoE', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    fillDisk()
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toContain('the journal could not be written')
    expect(stdout).toContain('ENOSPC')
    await scene.clock.until(scene.sandbox.admin.idle())
    expect(scene.conclusions('repoB')).toEqual(['cancelled'])
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1'])
    expect(await scene.status('repoE', 'DPTA-1')).toMatch(/^error run:ID the journal could not be written/u)
    expect(await scene.merge('repoB', number)).toMatch(/405/u)
  })

  test('a dispatch that cannot be journaled is not sent', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.before('POST', /statuses/u, fillDisk)
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(scene.dispatches()).toEqual([])
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })
})
