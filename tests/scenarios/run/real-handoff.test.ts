import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { RealScene } from '../../support/real-scene.js'

async function readAll(paths: readonly string[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const path of paths) files[path] = await read(path)
  return files
}

const read = (path: string): Promise<string> => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** The example of docs/graph-file.md, and the repository with the action as it is published. */
async function open(): Promise<RealScene> {
  const workflow = '.github/workflows/build.yml'
  const dependent = { [workflow]: await read('examples/handoff/dependent/build.yml') }
  const scene = await RealScene.open({
    graph: await read('examples/handoff/orchestrator.yaml'),
    files: {
      'orch@v1': await readAll(['actions/handoff/action.yml', 'dist/action/handoff.js', 'package.json']),
      library: { [workflow]: await read('examples/handoff/library/build.yml') },
      service: dependent,
      website: dependent,
    },
  })
  for (const name of ['library', 'service', 'website']) await push(scene, name, 'change')
  return scene
}

async function push({ sandbox }: RealScene, name: string, text: string, branch = 'DPTA-1122'): Promise<void> {
  await sandbox.admin.commit(`acme/${name}`, branch, { 'change.txt': text })
}

/** The log of the only job of the last run. */
function logOf({ sandbox }: RealScene, name: string): string {
  const job = sandbox.admin.runs(`acme/${name}`).at(-1)?.attempts.at(-1)?.jobs[0]
  return (sandbox.admin.log(job?.id ?? 0) ?? []).join('\n')
}

/** Deletes the only artifact of the library. */
async function deleteArtifact({ sandbox }: RealScene): Promise<void> {
  const headers = { authorization: `Bearer ${sandbox.token}` }
  const path = 'http://127.0.0.1/repos/acme/library/actions/artifacts'
  const list = await sandbox.fetch(path, { headers })
  const { artifacts } = (await list.json()) as { artifacts: { id: number; name: string }[] }
  expect(artifacts.map(({ name }) => name)).toEqual(['trigger-context'])
  await sandbox.fetch(`${path}/${artifacts[0]?.id}`, { method: 'DELETE', headers })
}

test('two jobs read what the first one hands on, also when it is fresh; one that is skipped hands nothing on; a lost artifact fails the step', async () => {
  await using scene = await open()
  const first = await scene.orch('run DPTA-1122')
  expect([first.code, logOf(scene, 'service')]).toEqual([
    0,
    expect.stringContaining('Building with the library 1.2.3-1'),
  ])
  expect(logOf(scene, 'website')).toMatch(/Built from [0-9a-f]{40}/u)

  await push(scene, 'service', 'again')
  expect((await scene.orch('run DPTA-1122')).code).toBe(0)
  expect(scene.sandbox.admin.runs('acme/library')).toHaveLength(1)
  expect(logOf(scene, 'service')).toContain('Building with the library 1.2.3-1')

  await push(scene, 'service', 'alone', 'DPTA-2')
  expect((await scene.orch('run DPTA-2')).code).toBe(0)
  expect(logOf(scene, 'service')).toContain('Building with the library of the default branch')

  await deleteArtifact(scene)
  await push(scene, 'service', 'once more')
  const lost = await scene.orch('run DPTA-1122')
  const [built] = scene.sandbox.admin.runs('acme/library')
  expect(lost.code).toBe(1)
  expect(lost.stdout).toContain(
    `the artifact trigger-context of library (run ${built?.id} of acme/library) cannot be read: the run has no such artifact`,
  )
}, 120_000)
