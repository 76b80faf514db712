import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { journalVersion } from '../../../src/store/journal-format.js'
import { createSchemaCheck } from '../../report/support/schemas.js'
import { Scene } from '../../support/scene.js'
import { fixtureId, inVersionOne, versionOneFixtures } from '../../support/version-one-journals.js'
import { cutAfter, journalFolder, newestJournal } from '../support/cut-journal.js'

const branch = 'DPTA-1'
const currentHeader = `"journal":${journalVersion}`

/** Rewrites the only journal of a scene in the format of version 1. */
async function toVersionOne(scene: Scene): Promise<string> {
  const { path, text } = await scene.journal()
  const older = inVersionOne(text)
  expect(older).toContain('"journal":1')
  await writeFile(path, older)
  return older
}

test('orch list and orch show show a journal of version 1 like one of the current version', async () => {
  await using scene = await Scene.open()
  await mkdir(journalFolder(scene), { recursive: true })
  const { superseded } = await versionOneFixtures()
  await writeFile(join(journalFolder(scene), `${fixtureId}.jsonl`), superseded)

  const listed = await scene.orch('list')
  expect(listed).toMatchObject({ code: 0, stderr: '' })
  expect(listed.stdout).toContain('5 jobs: 1 succeeded, 1 left running, 2 skipped, 1 not run')
  expect(createSchemaCheck('list')(JSON.parse((await scene.orch('list --json')).stdout))).toEqual([])

  expect((await scene.orch(`show ${fixtureId}`)).stdout).toMatch(/repoD +left running/u)
  const { stdout } = await scene.orch(`show ${fixtureId} --json`)
  const document = JSON.parse(stdout) as { jobs: { job: string; outcome: string }[] }
  expect(createSchemaCheck('show')(document)).toEqual([])
  expect(document.jobs.find(({ job }) => job === 'repoD')).toMatchObject({ outcome: 'left-running' })
})

test.each(['dispatch-requested', 'dispatch-accepted', 'run-observed'])(
  'orch resume continues a journal of version 1 that ends after %s, and dispatches nothing twice',
  async (last) => {
    await using scene = await Scene.open()
    for (const name of ['repoB', 'repoD']) await scene.change(name, branch)
    expect((await scene.orch('run DPTA-1 --only repoB')).code).toBe(0)
    await cutAfter(scene, last)
    const older = await toVersionOne(scene)
    expect(older).toContain('"action":"leave"')

    expect((await scene.orch('list')).stdout).toContain('unfinished')
    expect(await scene.orch('resume')).toMatchObject({ code: 0, stderr: '' })
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1'])

    const { text } = await scene.journal()
    expect(text.startsWith(older)).toBe(true)
    const [header, first] = text.slice(older.length).split('\n')
    expect(header).toContain(currentHeader)
    expect(first).toContain('"type":"resumed"')
    expect((await scene.orch('list')).stdout).toContain('succeeded')
    expect((await scene.orch('resume')).stderr).toContain('nothing to resume')
  },
)

test('a journal of version 1 with a left-running job is resumed to its end, and the next run reuses that run', async () => {
  await using scene = await Scene.open()
  for (const name of ['repoB', 'repoD']) await scene.change(name, branch)
  scene.builds.script('acme/repoD').holds()
  const running = scene.start('run DPTA-1')
  await scene.untilBuilding('repoD')
  await scene.clock.advance(60_000)
  await scene.push('repoB', branch)
  expect((await scene.clock.until(running.ended)).code).toBe(1)
  const { path, lines } = await newestJournal(scene)
  const settled = lines.findIndex((line) => line.includes('"outcome":"left-running"'))
  await writeFile(path, lines.slice(0, settled + 1).join(''))
  expect(await toVersionOne(scene)).toContain('"outcome":"left"')
  const before = scene.dispatches()

  const resumed = await scene.orch('resume')
  expect(resumed).toMatchObject({ code: 1, stderr: '' })
  expect(resumed.stdout).toContain('superseded')
  expect(scene.dispatches()).toEqual(before)
  expect(scene.conclusions('repoD')).toEqual([null])
  expect(await readFile(path, 'utf8')).toContain(currentHeader)

  const next = scene.start('run DPTA-1')
  await scene.untilBuilding('repoB', 2)
  scene.builds.script('acme/repoD').release('success')
  expect((await scene.clock.until(next.ended)).code).toBe(0)
  expect(scene.dispatches()).toEqual([...before, 'repoB build.yml@DPTA-1'])
})
