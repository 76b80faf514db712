import type { RepoName } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { NextReading, RunReading } from '../../ports/host/builds.js'
import type { RateLimitAllowances } from '../limits/rate-limit-headers.js'
import type { GraphQLEndpoint } from '../graphql/endpoint.js'
import type { Requests } from '../api/requests.js'
import { nextReadingAt, waitForGrid, type WatchedRuns } from './poll-schedule.js'
import { readBatch, type WantedRun } from './run-batch.js'
import type { BatchedRun } from './run-queries.js'
import { readNamedRun } from './runs.js'

/** Watches the unfinished runs of all orchestrations of this process (docs/decisions/0017-one-poller.md). */
export interface RunPoller {
  /** Registers a run that will be read soon, because it was started, cancelled or run again: from now on it counts as watched. */
  expect: (runId: number) => void
  /** Notes that a webhook reported a run that is watched. */
  noteDelivery: (runId: number) => void
  /** Reads one run alone, with its attempt. */
  read: (repo: RepoName, runId: number) => Promise<RunReading>
  /** Reads a run, possibly in one request with other runs: it waits a few seconds for them. */
  readShared: (repo: RepoName, runId: number, headSha: string | null) => Promise<RunReading>
  nextReadingAt: (run: NextReading) => number
}

/** Up to this many runs are read one by one: an unchanged answer (304) costs nothing, and a query always counts. */
const mostAlone = 10
/** How long simultaneous readings are gathered into one query, ms. */
const gathering = 50
/** How long after its latest reading a run still counts as watched, ms: longer than any time between two readings. */
const watchedForMs = 10 * 60_000

interface Watched {
  /** ms, UTC. */
  lastAt: number
  nodeId: string | null
  /** Whether webhooks report its progress. */
  isDelivered: boolean
}

interface Waiting extends Omit<WantedRun, 'nodeId'> {
  resolve: (reading: RunReading | Promise<RunReading>) => void
  reject: (error: unknown) => void
}

export interface RunPollerSources {
  requests: Requests
  endpoint: GraphQLEndpoint
  clock: Clock
  allowances: RateLimitAllowances
}

export function createRunPoller({ requests, endpoint, clock, allowances }: RunPollerSources): RunPoller {
  const watched = new Map<number, Watched>()
  let isHidden = false
  let waiting: Waiting[] = []

  const keep = (runId: number, known: Partial<Watched> = {}): void => {
    const before = watched.get(runId) ?? { nodeId: null, isDelivered: false }
    // The run that was read last is at the end, so that the runs to forget are at the start.
    watched.delete(runId)
    watched.set(runId, { ...before, ...known, lastAt: clock.now() })
  }
  const forgetOld = (): void => {
    const now = clock.now()
    for (const [runId, { lastAt }] of watched) {
      // A clock that was set back makes no run older.
      if (lastAt > now - watchedForMs) break
      watched.delete(runId)
    }
  }
  const isShared = (): boolean => {
    forgetOld()
    return endpoint.isUsable() && !isHidden && watched.size > mostAlone
  }

  const watchedRuns = (): WatchedRuns => {
    const shared = isShared()
    return { count: watched.size, isShared: shared, allowance: allowances.read(shared ? 'graphql' : 'core') }
  }

  const readAlone = async (repo: RepoName, runId: number): Promise<RunReading> => {
    const { reading, nodeId } = await readNamedRun(requests, repo, runId)
    if (reading.kind === 'run' && reading.run.status === 'completed') watched.delete(runId)
    else if (nodeId !== null && watched.has(runId)) keep(runId, { nodeId })
    return reading
  }

  const gather = async (): Promise<void> => {
    await clock.sleep(gathering)
    const batch = waiting
    waiting = []
    try {
      const wanted = [...new Map(batch.map((run) => [run.runId, run])).values()].map(({ repo, runId, headSha }) => ({
        repo,
        runId,
        headSha,
        nodeId: watched.get(runId)?.nodeId ?? null,
      }))
      const answer = await readBatch(endpoint, wanted)
      isHidden ||= answer.isHidden
      const alone = new Map<number, Promise<RunReading>>()
      for (const { repo, runId, resolve } of batch) {
        const failure = answer.failures.get(runId)
        const graphQLRun = answer.runs.get(runId)
        if (failure) resolve({ kind: 'unreadable', failure: { ...failure, repo } })
        else if (graphQLRun && graphQLRun.status !== 'completed') {
          keep(runId, { nodeId: graphQLRun.nodeId })
          resolve({ kind: 'run', run: toRun(graphQLRun) })
        } else {
          // The end or the absence of a run counts only if a reading of the run alone confirms it.
          const reading = alone.get(runId) ?? readAlone(repo, runId)
          alone.set(runId, reading)
          resolve(reading)
        }
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return {
    expect: (runId) => keep(runId, { isDelivered: false }),
    noteDelivery: (runId) => {
      if (watched.has(runId)) keep(runId, { isDelivered: true })
    },
    read: readAlone,
    readShared: async (repo, runId, headSha) => {
      const wait = waitForGrid(clock.now(), { isShared: isShared() })
      if (wait > 0) await clock.sleep(wait)
      keep(runId)
      if (!isShared()) return readAlone(repo, runId)
      return new Promise((resolve, reject) => {
        waiting.push({ repo, runId, headSha, resolve, reject })
        if (waiting.length === 1) void gather()
      })
    },
    nextReadingAt: (run) => {
      const isDelivered = watched.get(run.runId)?.isDelivered ?? false
      return nextReadingAt({ ...run, isDelivered }, watchedRuns(), clock.now())
    },
  }
}

function toRun({ runId, headSha, status, conclusion, url }: BatchedRun): Extract<RunReading, { kind: 'run' }>['run'] {
  return { id: runId, headSha, status, conclusion, runAttempt: null, url }
}
