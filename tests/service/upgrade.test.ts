import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startProgram } from '../cli/support/built-command.js'
import type { Start } from '../cli/support/built-command.js'
import { branch, LocalGitHub, repository } from '../cli/support/local-github.js'
import { oneJobGraph, WorkFolder } from '../cli/support/work-folder.js'
import { apiToken, eventually, startServe } from './support/serve-command.js'
import type { ServeCommand } from './support/serve-command.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Another build of the program: the built files of this one, under another version. */
async function copyBuild(into: string, version: string): Promise<string> {
  await mkdir(into)
  for (const part of ['bin', 'dist']) await cp(join(root, part), join(into, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(into, 'node_modules'))
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as object
  await writeFile(join(into, 'package.json'), JSON.stringify({ ...manifest, version }))
  return join(into, 'bin', 'orch.js')
}

const startOf =
  (program: string) =>
  (words: readonly string[], start: Start): ReturnType<typeof startProgram> =>
    startProgram(process.execPath, [program, ...words], start)

test(
  'an orchestration that is in flight when the service is replaced by a new version succeeds, and nothing is dispatched twice',
  { timeout: 300_000 },
  async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const gate = join(folder.path, 'the-build-may-end')
    const build = `until test -e ${gate}; do sleep 0.2; done`
    await using github = await LocalGitHub.open(folder, build)
    const env = { GITHUB_API_URL: `${github.url}/api/v3`, GH_ENTERPRISE_TOKEN: github.sandbox.token }
    const programs = await Promise.all(
      ['1.0.0', '1.1.0'].map((version) => copyBuild(join(folder.path, version), version)),
    )
    const [before, after] = programs.map(startOf)
    if (!before || !after) throw new Error('there are two builds')
    for (const [index, version] of ['1.0.0', '1.1.0'].entries()) {
      const ended = await startProgram(process.execPath, [programs[index] ?? '', '--version'], { cwd: folder.path })
        .ended
      expect(ended.stdout.trim()).toBe(version)
    }
    const workloads = async (service: ServeCommand): Promise<{ id: string; status: string }[]> =>
      ((await service.json('/workloads')) as { items: { id: string; status: string }[] }).items

    let id: string | undefined
    {
      await using service = await startServe(folder.path, { env, start: before })
      const run = await fetch(`${service.url}/changes/${branch}/run`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiToken}` },
      })
      expect(run.status).toBeLessThan(300)
      await github.building(service)
      const [workload] = await workloads(service)
      expect(workload).toMatchObject({ status: 'running' })
      id = workload?.id
      service.signal('SIGTERM')
      expect(await service.ended).toMatchObject({ code: 0, signal: null })
    }
    expect(github.conclusions()).toEqual([null])

    await using service = await startServe(folder.path, { env, start: after })
    await writeFile(gate, '')
    const ended = await eventually('the workload has completed', async () => {
      const [workload] = await workloads(service)
      return workload?.status === 'running' || workload?.status === 'claimed' ? null : workload
    })
    expect(ended).toMatchObject({ id, status: 'completed' })
    expect(await workloads(service)).toHaveLength(1)
    expect(github.conclusions()).toEqual(['success'])
    expect(github.sandbox.admin.runs(repository)).toHaveLength(1)
    expect(github.states()).toEqual(['pending', 'success'])
    const { orchestrations } = (await service.json(`/changes/${branch}`)) as { orchestrations: { state: string }[] }
    expect(orchestrations).toHaveLength(1)
  },
)
