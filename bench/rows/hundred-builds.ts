import type { Experiment } from '../experiment.js'
import { wideJobs } from '../graph.js'
import { assertAnswered, tally } from '../kinds.js'
import { measured } from '../measured.js'
import type { Logged } from '../stub/stub.js'
import { openVirtualStage } from '../virtual.js'

const hour = 3_600_000

const isWrite = ({ route }: Logged): boolean => route.startsWith('POST ') && !route.startsWith('POST /graphql')

/** Minimum time for 100 writes, ms. GitHub documents at most 80 writes a minute, so the last 20 must wait a minute after the first. */
const required = 60_000

/** Runs `act` with each seed, starting from 1, one after the other. */
async function eachSeed<T>(runs: number, act: (seed: number) => Promise<T>): Promise<T[]> {
  const all: T[] = []
  for (let seed = 1; seed <= runs; seed += 1) all.push(await act(seed))
  return all
}

async function buildHundred(seed: number): Promise<readonly Logged[]> {
  const buildMs = (nth: number): number => 300_000 + ((nth * 37 + seed * 11) % 100) * 100
  await using stage = await openVirtualStage({ jobs: wideJobs(100), buildMs })
  await stage.orch('run DPTA-1', seed)
  assertAnswered(stage.stub)
  return stage.stub.log
}

export const hundredOfFiveMinutes: Experiment = {
  rows: ['hundred-5min-requests'],
  measure: async () => {
    const logs = await eachSeed(3, buildHundred)
    return [
      measured(
        'hundred-5min-requests',
        logs.map(({ length }) => length),
        logs.slice(0, 1).map(tally),
      ),
    ]
  },
}

/** Counts the requests of the hour that begins when all builds are dispatched and all pull requests are locked. */
async function watchHour(seed: number): Promise<Logged[]> {
  const buildMs = (nth: number): number => hour + 600_000 + nth * 1_000
  await using stage = await openVirtualStage({ jobs: wideJobs(100), buildMs, timeoutMinutes: 120 })
  await stage.orch('run DPTA-1', seed)
  assertAnswered(stage.stub)
  const { log, world } = stage.stub
  const firstEnd = Math.min(...world.runs.map(({ endsAt }) => endsAt))
  const begun = log.filter(isWrite).filter(({ at }) => at < firstEnd)
  const start = Math.max(...begun.map(({ at }) => at))
  if (world.runs.length !== 100 || start + hour > firstEnd) throw new Error('there is no hour in which all 100 run')
  return log.filter(({ at }) => at > start && at <= start + hour)
}

export const hourOfHundred: Experiment = {
  rows: ['watch-hour-requests'],
  measure: async () => {
    const logs = await eachSeed(2, watchHour)
    return [
      measured(
        'watch-hour-requests',
        logs.map(({ length }) => length),
        logs.slice(0, 1).map(tally),
      ),
    ]
  },
}

/** Measures the second run of an unchanged change. */
async function runTwice(seed: number): Promise<Logged[]> {
  await using stage = await openVirtualStage({ jobs: wideJobs(100), buildMs: () => 20_000 })
  await stage.orch('run DPTA-1', seed)
  const before = stage.stub.log.length
  await stage.orch('run DPTA-1', seed)
  assertAnswered(stage.stub)
  return stage.stub.log.slice(before)
}

export const secondRun: Experiment = {
  rows: ['second-run-requests', 'second-run-writes'],
  measure: async () => {
    const logs = await eachSeed(2, runTwice)
    return [
      measured(
        'second-run-requests',
        logs.map(({ length }) => length),
        logs.slice(0, 1).map(tally),
      ),
      measured(
        'second-run-writes',
        logs.map((log) => log.filter(isWrite).length),
      ),
    ]
  },
}

/** Measures the time from the first to the last of 100 statuses, as a ratio to the minimum that the documented limits require. */
async function lockHundred(seed: number): Promise<number> {
  await using stage = await openVirtualStage({ jobs: wideJobs(100), buildMs: () => 0 })
  await stage.orch('invalidate DPTA-1', seed)
  assertAnswered(stage.stub)
  const { posted } = stage.stub.world
  const [first, last] = [posted[0]?.createdAt ?? NaN, posted.at(-1)?.createdAt ?? NaN]
  if (posted.length !== 100) throw new Error(`${posted.length} statuses instead of 100`)
  return (last - first) / required
}

export const hundredStatuses: Experiment = {
  rows: ['hundred-statuses'],
  measure: async () => [
    measured('hundred-statuses', await eachSeed(3, lockHundred), [
      `at most 80 in any minute: the 81st comes ${required / 1000} s after the first, the others with it`,
    ]),
  ],
}
