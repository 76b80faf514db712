import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { takeLock } from '../../../src/lib/lock-file.js'
import { Scene } from '../../support/scene.js'
import { cutAfter, journalFolder, newestJournal } from '../support/cut-journal.js'

const noToken = { env: { GH_ENTERPRISE_TOKEN: '' } }
const minute = 60_000

/** A scene in which repoB was built once, and whose journal is in the state of the moment when the process died. */
async function abandoned(): Promise<{ scene: Scene; id: string; path: string; rest: string[] }> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.orch('run DPTA-1')
  return { scene, ...(await cutAfter(scene, 'dispatch-accepted')) }
}

/** Simulates another process that drives the orchestration, until the returned function is called. */
async function driveElsewhere(scene: Scene, id: string): Promise<() => Promise<void>> {
  const path = join(journalFolder(scene), `${id}.lock`)
  const lock = await takeLock(path, { pid: 4711, isAlive: () => true, startOf: () => 'now' })
  if (lock.kind !== 'locked') throw new Error('held')
  return lock.release
}

describe('orch watch', () => {
  test.each([
    ['success', 0],
    ['failure', 1],
  ] as const)(
    'orch watch draws the same as orch run, from its start to its end, and returns its code: %s',
    async (conclusion, code) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      scene.builds.script('acme/repoB').holds()
      const running = scene.start('run DPTA-1')
      await scene.untilBuilding('repoB')
      const watching = scene.start('watch', noToken)
      await scene.clock.advance(5_000)
      expect(watching.stdout()).toMatch(/repoB +running\n$/u)
      scene.builds.script('acme/repoB').release(conclusion)
      const ran = await scene.clock.until(running.ended)
      const watched = await scene.clock.until(watching.ended)
      expect(watched).toEqual(ran)
      expect(watched.code).toBe(code)
    },
  )

  test('orch watch --json prints the events of orch run --json', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1 --json')
    await scene.untilBuilding('repoB')
    const watching = scene.start('watch DPTA-1 --json', noToken)
    await scene.clock.advance(5_000)
    scene.builds.script('acme/repoB').release('success')
    const { stdout } = await scene.clock.until(running.ended)
    expect(await scene.clock.until(watching.ended)).toMatchObject({ code: 0, stdout, stderr: '' })
  })

  test('orch watch of an ended orchestration prints all of it at once, by the beginning of its ID, without a request to GitHub', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure')
    const ran = await scene.orch('run DPTA-1')
    const { id, path } = await newestJournal(scene)
    const text = await readFile(path, 'utf8')
    scene.sandbox.requests.length = 0
    const before = scene.clock.now()
    expect(await scene.orch(`watch ${id.slice(0, 12)}`, noToken)).toEqual(ran)
    expect(scene.clock.now()).toBe(before)
    expect(scene.sandbox.requests).toEqual([])
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test('orch watch draws live on a terminal', async () => {
    const { scene, id, path, rest } = await abandoned()
    await using current = scene
    const release = await driveElsewhere(current, id)
    const watching = current.start('watch', { terminal: { columns: 80, rows: 24 } })
    await current.clock.advance(1_000)
    expect(watching.stdout()).toContain('5 jobs: 1 active, 4 skipped')
    await appendFile(path, rest.join(''))
    await release()
    const { code, stdout } = await current.clock.until(watching.ended)
    expect(code).toBe(0)
    expect(stdout).toContain('DPTA-1 succeeded after')
  })

  test('orch watch waits for the rest of a torn line that arrives byte by byte', async () => {
    const { scene, id, path, rest } = await abandoned()
    await using current = scene
    const release = await driveElsewhere(current, id)
    const watching = current.start('watch')
    const bytes = Buffer.from(rest.join(''))
    for (let at = 0; at < bytes.length; at += 97) {
      await appendFile(path, bytes.subarray(at, at + 97))
      await current.clock.advance(500)
    }
    await release()
    const { code, stderr } = await current.clock.until(watching.ended)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('Ctrl-C ends only orch watch, with 130 and a note that the orchestration continues', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    const watching = scene.start('watch')
    await scene.clock.advance(2_000)
    const { id } = await newestJournal(scene)
    watching.signal('SIGINT')
    const { code, stderr } = await scene.clock.until(watching.ended)
    expect(code).toBe(130)
    expect(stderr.split('\n')).toEqual([
      'error: stopped watching at SIGINT',
      `  why: the orchestration ${id} is still running`,
      `  what to do: To watch it again: orch watch ${id}. To end it: orch cancel ${id}.`,
      '',
    ])
    scene.builds.script('acme/repoB').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(0)
    expect(scene.conclusions('repoB')).toEqual(['success'])
  })

  test('orch run and orch resume suggest orch watch and orch cancel for an orchestration that another process drives', async () => {
    const { scene, id } = await abandoned()
    await using current = scene
    await driveElsewhere(current, id)
    for (const words of ['run DPTA-1', `resume ${id}`]) {
      const { code, stderr } = await current.orch(words)
      expect(code).toBe(1)
      expect(stderr).toContain(`orch watch ${id}`)
      expect(stderr).toContain(`orch cancel ${id}`)
    }
  })

  test('orch watch of an abandoned orchestration shows the known state, names orch resume, and exits 8', async () => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    const before = await readFile(path, 'utf8')
    const files = await current.files()
    const { code, stdout, stderr } = await current.orch('watch', noToken)
    expect(code).toBe(8)
    expect(stdout).toMatch(/repoB +dispatched +http/u)
    expect(stderr).toContain(`error: no process drives the orchestration ${id}\n`)
    expect(stderr).toContain(`orch resume ${id}`)
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await current.files()).toEqual(files)
  })

  test('orch watch reports that the process died, and continues when another process resumes the orchestration', async () => {
    const { scene, id } = await abandoned()
    await using current = scene
    const release = await driveElsewhere(current, id)
    const watching = current.start('watch')
    await current.clock.advance(2_000)
    await release()
    await current.clock.advance(5 * minute)
    const resuming = current.start('resume')
    const { code, stdout, stderr } = await current.clock.until(watching.ended)
    expect((await current.clock.until(resuming.ended)).code).toBe(0)
    expect(code).toBe(0)
    expect(stdout).toMatch(/resumed +orchestration/u)
    expect(stderr.match(/Still watching; giving up in 10 minutes/gu)).toHaveLength(1)
    expect(stderr).toContain(`orch resume ${id}`)
    expect(current.dispatches()).toHaveLength(1)
  })

  test('orch watch of an orchestration whose process died exits 8 after ten minutes without a resume', async () => {
    const { scene, id } = await abandoned()
    await using current = scene
    const release = await driveElsewhere(current, id)
    const watching = current.start('watch')
    await current.clock.advance(2_000)
    await release()
    const died = current.clock.now()
    const { code, stderr } = await current.clock.until(watching.ended)
    expect(code).toBe(8)
    expect(stderr).toContain(`error: no process drives the orchestration ${id}\n`)
    const waited = current.clock.now() - died
    expect(waited).toBeGreaterThanOrEqual(10 * minute)
    expect(waited).toBeLessThanOrEqual(10 * minute + 1_000)
  })

  test.each([
    ['is damaged', (path: string) => appendFile(path, 'noise\n'), 'is damaged: it is not an event'],
    [
      'gets an event that cannot follow',
      (path: string) => appendFile(path, '{"type":"started","at":1}\n'),
      'contradict each other',
    ],
    ['is removed', (path: string) => rm(path), 'it does not exist any more'],
    ['is truncated', (path: string) => writeFile(path, ''), 'it is shorter than it was'],
  ])('orch watch exits 1 with the reason when its journal %s', async (_case, disturb, said) => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    await driveElsewhere(current, id)
    const watching = current.start('watch')
    await current.clock.advance(2_000)
    await disturb(path)
    const { code, stderr } = await current.clock.until(watching.ended)
    expect(code).toBe(1)
    expect(stderr).toContain(`error: cannot continue to read ${path}\n`)
    expect(stderr).toContain(said)
  })

  test('orch watch of a journal of a newer version exits 1 and leaves it unchanged', async () => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    const text = (await readFile(path, 'utf8')).replace('"journal":2', '"journal":3')
    await writeFile(path, text)
    const { code, stdout, stderr } = await current.orch(`watch ${id}`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('a newer orch wrote it, in version 3')
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test.each([
    ['watch', 'there is nothing to watch'],
    ['watch nosuchid', 'there is no orchestration nosuchid'],
  ])('orch %s without a matching orchestration exits 2', async (words, said) => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`error: ${said}\n`)
    expect(stderr.trimEnd().split('\n')).toHaveLength(3)
    expect(await scene.files()).toEqual([])
  })
})
