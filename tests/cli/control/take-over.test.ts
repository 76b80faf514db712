import { appendFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'
import { cutAfter, journalFolder } from '../support/cut-journal.js'

/**
 * Opens a scene with an orchestration whose driver process is dead. Right before liveness check number `checkNumber`, after which this
 * process gets the lock, the journal receives the rest of its events, as if the driver had just written them.
 */
async function endedBeforeTakeOver(checkNumber: number) {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.orch('run DPTA-1')
  const { id, path, rest } = await cutAfter(scene, 'dispatch-accepted')
  const whole = (await readFile(path, 'utf8')) + rest.join('')
  await writeFile(join(journalFolder(scene), `${id}.lock`), '4711\nnow\n')
  scene.sandbox.requests.length = 0
  let checks = 0
  const isAlive = (pid: number): boolean => {
    if (pid === 4711 && (checks += 1) === checkNumber) appendFileSync(path, rest.join(''))
    return false
  }
  return { scene, id, path, whole, processes: { isAlive } }
}

test('orch resume keeps events that were appended after it chose the orchestration, and continues nothing that has ended', async () => {
  const { scene, id, path, whole, processes } = await endedBeforeTakeOver(2)
  await using current = scene
  const { code, stdout, stderr } = await current.orch('resume', { processes })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(`error: the orchestration ${id} is finished\n`)
  expect(await readFile(path, 'utf8')).toBe(whole)
  expect(current.sandbox.requests).toEqual([])
  expect((await current.files()).filter((name) => name.includes('.lock'))).toEqual([])
})

test('orch cancel cancels nothing that has ended after it chose the orchestration', async () => {
  const { scene, path, whole, processes } = await endedBeforeTakeOver(3)
  await using current = scene
  const { code, stderr } = await current.orch('cancel', { processes })
  expect(code).toBe(1)
  expect(stderr).toContain('was not cancelled: it had ended succeeded')
  expect(await readFile(path, 'utf8')).toBe(whole)
  expect(current.sandbox.requests).toEqual([])
})
