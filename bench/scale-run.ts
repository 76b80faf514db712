import { createSandbox } from '../src/sandbox/sandbox.js'
import type { Sandbox } from '../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../src/sandbox/scripted-executor.js'
import { startCommand } from '../tests/support/command.js'
import { loadGraphQL } from '../tests/support/load-graphql.js'
import { seededRandom } from '../tests/support/random.js'
import { buildWorkflow } from '../tests/support/example-graph.js'
import { TestClock } from '../tests/support/test-clock.js'
import { graphFolder, graphText, isDiskBusy, shapedJobs } from './graph.js'
import type { Jobs, Shape } from './graph.js'

/** The measurement of one command against the embedded GitHub. */
export interface ScaleStep {
  step: 'plan' | 'run' | 'invalidate'
  /** CPU time of the command and of the embedded GitHub together, s. */
  cpu: number
  requests: number
}

export interface Scale {
  shape: Shape
  repositories: number
  steps: ScaleStep[]
  /** Peak memory of the process, which includes the embedded GitHub, MB. */
  peakMemoryMb: number
}

/** No server listens on this address: requests are passed in process. */
const address = 'http://127.0.0.1:9'
const branch = 'DPTA-1'
const buildMs = 10
const seed = 1

/** Plans a change over `repositories` repositories, builds and unlocks it, and locks it again: in memory, without git, on a virtual clock. */
export async function measureScale(shape: Shape, repositories: number): Promise<Scale> {
  await loadGraphQL()
  const jobs = shapedJobs(shape, repositories)
  const clock = new TestClock(undefined, 12, isDiskBusy)
  const sandbox = await openSeeded(clock, jobs)
  await using folder = await graphFolder(graphText(jobs))
  const surroundings = {
    directory: folder.directory,
    clock,
    env: { GITHUB_API_URL: `${address}/api/v3`, GH_ENTERPRISE_TOKEN: sandbox.token },
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => clock.track(sandbox.fetch(input, init)),
  }
  const take = async (step: ScaleStep['step'], words: string): Promise<ScaleStep> => {
    const before = { cpu: process.cpuUsage(), requests: sandbox.requests.length }
    const { code, stdout, stderr } = await clock.until(startCommand(surroundings, words).ended)
    if (code !== 0) throw new Error(`orch ${words} ended with ${code}:\n${stderr}${stdout.slice(-2_000)}`)
    const { user, system } = process.cpuUsage(before.cpu)
    return { step, cpu: (user + system) / 1e6, requests: sandbox.requests.length - before.requests }
  }
  const steps = [
    await take('plan', `plan ${branch}`),
    await take('run', `run ${branch} --timeout 48h`),
    await take('invalidate', `invalidate ${branch}`),
  ]
  await clock.until(sandbox.close())
  return { shape, repositories, steps, peakMemoryMb: process.resourceUsage().maxRSS / 1024 }
}

async function openSeeded(clock: TestClock, jobs: Jobs): Promise<Sandbox> {
  const executor = createScriptedExecutor({ clock })
  const random = seededRandom(seed)
  const sandbox = await createSandbox({ clock, executor, random, url: address, concurrentRuns: Infinity })
  for (const name of Object.keys(jobs)) {
    const repository = `acme/${name}`
    await sandbox.admin.createRepository(repository)
    await sandbox.admin.commit(repository, 'main', { '.github/workflows/build.yml': buildWorkflow })
    await sandbox.admin.commit(repository, branch, { 'change.txt': name })
    await sandbox.admin.openPull(repository, { head: branch, title: `change ${name}` })
    executor.script(repository).concludes('success', { after: buildMs, times: Infinity })
  }
  return sandbox
}

const [shape, repositories] = process.argv.slice(2)
if (shape !== undefined) {
  process.stdout.write(`${JSON.stringify(await measureScale(shape as Shape, Number(repositories)))}\n`)
}
