import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '../experiment.js'
import { measured } from '../measured.js'
import type { Measured } from '../measured.js'
import type { DatabaseKind } from './database.js'
import { openServiceStage } from './stage.js'
import type { ServiceStage } from './stage.js'
import { startRun } from './workloads.js'

const measuredMs = 30_000
/** The polls of young builds are more frequent. */
const settlingMs = 30_000
const startTimeoutMs = 15 * 60_000
/** At most this many have started and not dispatched yet: thousands at once would only wait for each other. */
const parallelStarts = 8
/** Each plan reads all open pull requests of a repository, and no repository has thousands. The other changes have a branch alone. */
const mostPullRequests = 200
/** No build ends while it is watched. */
const buildMs = 6 * 3_600_000

export type WaitingCount = 200 | 2000

/** What one service spends on orchestrations that wait for a build. */
export function waiting(count: WaitingCount, kind: DatabaseKind): Experiment {
  const id = <Figure extends 'cpu' | 'memory'>(figure: Figure) => `service-waiting-${count}-${figure}-${kind}` as const
  const statementsRow = `service-waiting-${count}-statements-postgres` as const
  return {
    rows: [id('cpu'), id('memory'), ...(kind === 'postgres' ? [statementsRow] : [])],
    measure: async () => {
      const flags = ['--workers', '1', '--capacity', String(count)]
      await using stage = await openServiceStage({ database: kind, jobs: { repoA: [] }, flags })
      const startedMs = await startAll(stage, count)
      await sleep(settlingMs)
      const { cpu, requests, work } = await watch(stage)
      const notes = [
        `all were dispatched after ${Math.round(startedMs / 1_000)} s; then ${(requests / (measuredMs / 1_000)).toFixed(1)} requests to GitHub per second`,
        ...(work === null ? [] : [`CPU time of PostgreSQL ${work.cpuMs.toFixed(1)} ms/s`]),
      ]
      const figures: Measured[] = [
        measured(id('cpu'), [cpu], notes),
        measured(id('memory'), [await stage.service.peakMemory()]),
      ]
      return work === null ? figures : [...figures, measured(statementsRow, [work.statements])]
    },
  }
}

async function startAll({ service, builds, push, change, addWebhooks }: ServiceStage, count: number): Promise<number> {
  builds.script('acme/repoA').concludes('success', { after: buildMs, times: Infinity })
  const branches = Array.from({ length: count }, (_, index) => `DPTA-${index + 1}`)
  for (const [index, branch] of branches.entries()) await (index < mostPullRequests ? change : push)(branch, 'repoA')
  addWebhooks('workflow_run')
  const startedAt = performance.now()
  const untilDispatched = async (least: number): Promise<void> => {
    while (builds.started.length < least) {
      if (performance.now() - startedAt > startTimeoutMs)
        throw new Error(
          `${builds.started.length} of ${count} were dispatched within ${startTimeoutMs / 60_000} minutes`,
        )
      await sleep(20)
    }
  }
  for (const [index, branch] of branches.entries()) {
    await untilDispatched(index - parallelStarts)
    await startRun(service, branch)
  }
  await untilDispatched(count)
  return performance.now() - startedAt
}

interface Watched {
  /** CPU time of the service, ms per second. */
  cpu: number
  /** Requests to GitHub. */
  requests: number
  /** Per second; null: the database is embedded. */
  work: { statements: number; cpuMs: number } | null
}

async function watch({ service, database, sandbox }: ServiceStage): Promise<Watched> {
  const before = { cpu: await service.cpuSeconds(), work: await database.work(), requests: sandbox.requests.length }
  const startedAt = performance.now()
  await sleep(measuredMs)
  const seconds = (performance.now() - startedAt) / 1_000
  const after = { cpu: await service.cpuSeconds(), work: await database.work(), requests: sandbox.requests.length }
  return {
    cpu: ((after.cpu - before.cpu) * 1_000) / seconds,
    requests: after.requests - before.requests,
    work: before.work &&
      after.work && {
        statements: (after.work.statements - before.work.statements) / seconds,
        cpuMs: ((after.work.cpuSeconds - before.work.cpuSeconds) * 1_000) / seconds,
      },
  }
}
