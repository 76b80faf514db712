import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { signalGroup } from '../../../src/sandbox/workflow/process/process-registry.js'

const source = new URL('../../../src/sandbox/workflow/process/process-registry.ts', import.meta.url)

/** Starts a process that starts three groups, deletes the second from the registry and prints their IDs. With `ends` it then exits. */
async function start(then: 'waits' | 'ends'): Promise<{ owner: ChildProcess; groups: number[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-groups-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2023 }
  const { outputText } = transpileModule(await readFile(source, 'utf8'), { compilerOptions })
  await writeFile(join(directory, 'process-registry.mjs'), outputText)
  await writeFile(
    join(directory, 'owner.mjs'),
    `import { spawn } from 'node:child_process'
import { ProcessRegistry } from './process-registry.mjs'
const groups = new ProcessRegistry()
const begin = () => {
  const child = spawn('sh', ['-c', 'tail -f /dev/null; :'], { detached: true, stdio: 'ignore' })
  if ('${then}' === 'ends') child.unref()
  return child.pid
}
const pids = [begin(), begin(), begin()]
for (const pid of pids) groups.add(pid)
groups.delete(pids[1])
console.log(JSON.stringify(pids))
`,
  )
  const owner = spawn(process.execPath, [join(directory, 'owner.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output] = (await once(owner.stdout, 'data')) as [Buffer]
  const groups = JSON.parse(output.toString('utf8')) as number[]
  onTestFinished(() => groups.forEach((group) => signalGroup(group, 'SIGKILL')))
  return { owner, groups }
}

/** Returns whether the leader of a group runs. A killed process remains a zombie until it is reaped, which in a container may never happen. */
async function isRunning(group: number | undefined): Promise<boolean> {
  if (group === undefined || !signalGroup(group, 0)) return false
  if (process.platform !== 'linux') return true
  const stat = await readFile(`/proc/${group}/stat`, 'utf8').catch(() => ') Z')
  return !stat.includes(') Z')
}

test('process registry kills registered groups when its process is killed, and no others', async () => {
  const { owner, groups } = await start('waits')
  expect(await Promise.all(groups.map(isRunning))).toEqual([true, true, true])
  owner.kill('SIGKILL')
  // The test's timeout is the only other end of the loop.
  while ((await isRunning(groups[0])) || (await isRunning(groups[2]))) await setImmediate()

  expect(await isRunning(groups[1])).toBe(true)
})

test('process registry does not prevent its process from exiting, and registered groups end with it', async () => {
  const { owner, groups } = await start('ends')
  const [code] = (await once(owner, 'exit')) as [number]
  while ((await isRunning(groups[0])) || (await isRunning(groups[2]))) await setImmediate()

  expect(code).toBe(0)
  expect(await isRunning(groups[1])).toBe(true)
})
