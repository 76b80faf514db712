import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { retention } from '../../../src/store/retention.js'
import { createId } from '../../../src/model/build/orchestration-id.js'
import { Scene } from '../../support/scene.js'
import { journalFolder, newestJournal } from '../support/cut-journal.js'

const day = 24 * 3_600_000

/** The journal of an orchestration that succeeded, as text from which older journals are made. */
async function succeeded(scene: Scene): Promise<{ id: string; text: string }> {
  await scene.change('repoB', 'DPTA-1')
  await scene.orch('run DPTA-1')
  const { id, lines } = await newestJournal(scene)
  return { id, text: lines.join('') }
}

/** Writes copies of a journal, each of which began this many days ago; returns their IDs. */
async function placeCopies(
  scene: Scene,
  { id, text }: { id: string; text: string },
  days: number[],
): Promise<string[]> {
  const ids: string[] = []
  for (const ago of days) {
    const copy = createId(scene.clock.now() - ago * day, () => 0.5)
    const earlier = text.replaceAll(id, copy).replace(/"at":(\d+)/gu, (_all, at) => `"at":${Number(at) - ago * day}`)
    await writeFile(join(journalFolder(scene), `${copy}.jsonl`), earlier)
    ids.push(copy)
  }
  return ids
}

const recent = Array.from({ length: retention.atLeast }, (_each, index) => index / 10 + 0.1)

test('a new orchestration prunes the old finished ones, and orch list no longer shows them', async () => {
  await using scene = await Scene.open()
  const journal = await succeeded(scene)
  await placeCopies(scene, journal, recent)
  const old = await placeCopies(scene, journal, [31, 45, 400])
  const unfinished = { id: journal.id, text: journal.text.replace(/.*"type":"finished".*\n/u, '') }
  const [kept = ''] = await placeCopies(scene, unfinished, [500])
  const [newer = ''] = await placeCopies(
    scene,
    { ...journal, text: journal.text.replace('"journal":2', '"journal":3') },
    [600],
  )
  const { code, stderr } = await scene.orch('run DPTA-1 --new')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { stdout } = await scene.orch('list')
  for (const id of old) expect(stdout).not.toContain(id)
  expect(stdout).toContain(kept)
  expect(stdout).toContain(newer)
  expect(await readdir(journalFolder(scene))).toHaveLength(retention.atLeast + 4)
})

test('a dry run prunes nothing', async () => {
  await using scene = await Scene.open()
  const journal = await succeeded(scene)
  await placeCopies(scene, journal, [...recent, 31, 400])
  const before = await readdir(journalFolder(scene))
  await scene.orch('run DPTA-1 --dry-run')
  expect(await readdir(journalFolder(scene))).toEqual(before)
})

test('an orchestration that cannot be pruned causes a warning, and the run ends as usual', async () => {
  await using scene = await Scene.open()
  const journal = await succeeded(scene)
  await placeCopies(scene, journal, recent)
  const [id = '', other = ''] = await placeCopies(scene, journal, [400, 300])
  // A process that tries to take the lock cannot write it.
  await mkdir(join(journalFolder(scene), `${id}.lock.${process.pid}`))
  const { code, stdout, stderr } = await scene.orch('run DPTA-1')
  expect(code).toBe(0)
  expect(stdout).toMatch(/succeeded/u)
  expect(stderr).toContain(
    `warning: old journals could not be removed: ${join(journalFolder(scene), `${id}.jsonl`)}: EISDIR`,
  )
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(await readFile(join(journalFolder(scene), `${id}.jsonl`), 'utf8')).toContain(id)
  expect(await readdir(journalFolder(scene))).not.toContain(`${other}.jsonl`)
  await rm(join(journalFolder(scene), `${id}.lock.${process.pid}`), { recursive: true })
})
