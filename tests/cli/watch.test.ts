import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { takeLock } from '../../src/lib/lock-file.js'
import { Scene } from '../support/scene.js'
import { cutAfter, journalFolder, newestJournal } from './support/cut-journal.js'

const noToken = { env: { GH_ENTERPRISE_TOKEN: '' } }
const minute = 60_000

/** A scene in which repoB was built once, and its journal is as it was when the process died. */
async function abandoned(): Promise<{ scene: Scene; id: string; path: string; rest: string[] }> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.orch('run DPTA-1')
  return { scene, ...(await cutAfter(scene, 'dispatch-accepted')) }
}

/** Another process drives the orchestration, until the returned function is called. */
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
    'draws what orch run draws, from its start to its end, and returns its code: %s',
    async (conclusion, code) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      scene.builds.script('acme/repoB').holds()
      const going = scene.start('run DPTA-1')
      await scene.untilBuilding('repoB')
      const watching = scene.start('watch', noToken)
      await scene.clock.advance(5_000)
      expect(watching.stdout()).toMatch(/repoB +running\n$/u)
      scene.builds.script('acme/repoB').release(conclusion)
      const ran = await scene.clock.until(going.ended)
      const watched = await scene.clock.until(watching.ended)
      expect(watched).toEqual(ran)
      expect(watched.code).toBe(code)
    },
  )

  test('with --json gives the events of orch run --json', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const going = scene.start('run DPTA-1 --json')
    await scene.untilBuilding('repoB')
    const watching = scene.start('watch --json', noToken)
    await scene.clock.advance(5_000)
    scene.builds.script('acme/repoB').release('success')
    const { stdout } = await scene.clock.until(going.ended)
    expect(await scene.clock.until(watching.ended)).toMatchObject({ code: 0, stdout, stderr: '' })
  })

  test('of one that has ended tells all of it at once, by the beginning of its id, and asks GitHub nothing', async () => {
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

  test('draws live on a terminal', async () => {
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

  test('waits for the rest of a line that is torn, byte by byte', async () => {
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

  test('Ctrl-C ends the watching only, with 130, and says that the orchestration goes on', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const going = scene.start('run DPTA-1')
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
    expect((await scene.clock.until(going.ended)).code).toBe(0)
    expect(scene.conclusions('repoB')).toEqual(['success'])
  })

  test('and orch cancel are what orch run and orch resume name beside one that is driven', async () => {
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

  test('of one that nobody drives tells what is known, names orch resume, and ends with 8', async () => {
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

  test('of one whose process dies says so, and goes on when another process resumes it', async () => {
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

  test('of one whose process died and that nobody resumes ends after ten minutes, with 8', async () => {
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
    ['is damaged meanwhile', (path: string) => appendFile(path, 'noise\n'), 'is damaged: the line is not an event'],
    [
      'goes on with what cannot follow',
      (path: string) => appendFile(path, '{"type":"started","at":1}\n'),
      'do not follow',
    ],
    ['is removed meanwhile', (path: string) => rm(path), 'it does not exist any more'],
    ['is cut meanwhile', (path: string) => writeFile(path, ''), 'it is shorter than it was'],
  ])('of a journal that %s ends with 1 and says so', async (_case, disturb, said) => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    await driveElsewhere(current, id)
    const watching = current.start('watch')
    await current.clock.advance(2_000)
    await disturb(path)
    const { code, stderr } = await current.clock.until(watching.ended)
    expect(code).toBe(1)
    expect(stderr).toContain(`error: cannot read on in ${path}\n`)
    expect(stderr).toContain(said)
  })

  test('of a journal of a newer version ends with 1 and leaves it as it is', async () => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    const text = (await readFile(path, 'utf8')).replace('"journal":1', '"journal":2')
    await writeFile(path, text)
    const { code, stdout, stderr } = await current.orch(`watch ${id}`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('a newer orch wrote it, in version 2')
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test.each([
    ['watch', 'there is nothing to watch'],
    ['watch nosuchid', 'there is no orchestration nosuchid'],
  ])('orch %s where there is no such one exits 2', async (words, said) => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`error: ${said}\n`)
    expect(stderr.trimEnd().split('\n')).toHaveLength(3)
    expect(await scene.files()).toEqual([])
  })
})
