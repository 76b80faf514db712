import type { Event } from '../../src/model/build/events.js'
import type { Graph } from '../../src/model/graph.js'
import type { WorkflowRun } from '../../src/model/workflow-run.js'
import type { History } from './history.js'
import type { Replay } from './replay.js'

const minute = 60_000

/** Whether a reading shows that the run left the queue. A run that waits may have been in progress before, or not. */
export function hasStarted({ status }: WorkflowRun): boolean {
  return status !== 'queued' && status !== 'waiting'
}

/** How long the run of a job waited for approvals, as far as its readings show. */
interface ObservedWait {
  runAttempt: number
  /** Whether the run has been in progress: the times below then count from there. */
  isInProgress: boolean
  /** The first reading that shows it waiting without a break; null: it does not wait. */
  since: number | null
  /** The same for its last wait, which may be over; Infinity: there was none. */
  lastSince: number
  readAt: number
  /** Between readings that show it waiting without a break. */
  certainMs: number
  /** From the reading before to the one after. */
  possibleMs: number
  /** How often it began to wait. */
  count: number
}

/** Follows the readings of all runs. */
export class ObservedWaits {
  private readonly jobs = new Map<string, ObservedWait>()

  follow(event: Event): void {
    if (event.type === 'dispatch-accepted' || event.type === 'run-adopted')
      this.jobs.set(event.job, begun(event.at, 1, 0))
    if (event.type !== 'run-observed') return
    let wait = this.of(event.job)
    const { status, runAttempt } = event.run
    const isNewAttempt = runAttempt !== null && runAttempt > wait.runAttempt
    if (isNewAttempt) wait = begun(event.at, runAttempt, wait.count)
    const isFirst = !wait.isInProgress && hasStarted(event.run)
    if (isFirst) {
      const { lastSince } = wait
      wait = begun(event.at, wait.runAttempt, wait.count)
      wait.isInProgress = true
      wait.lastSince = lastSince
    }
    const passed = event.at - wait.readAt
    const isWaiting = status === 'waiting'
    if (wait.since !== null && isWaiting) wait.certainMs += passed
    if (wait.since !== null || isWaiting) wait.possibleMs += passed
    if (wait.since === null && isWaiting) {
      wait.count += 1
      wait.lastSince = event.at
    }
    wait.since = isWaiting ? (wait.since ?? event.at) : null
    wait.readAt = event.at
    this.jobs.set(event.job, wait)
  }

  of(job: string): ObservedWait {
    return this.jobs.get(job) ?? begun(0, 1, 0)
  }
}

function begun(at: number, runAttempt: number, count: number): ObservedWait {
  return {
    runAttempt,
    isInProgress: false,
    since: null,
    lastSince: Infinity,
    readAt: at,
    certainMs: 0,
    possibleMs: 0,
    count,
  }
}

/** The laws about runs that wait for an approval. Each broken law is one sentence. */
export function approvalsBroken(
  history: History,
  { world, graph, events }: Pick<Replay, 'world' | 'graph' | 'events'>,
): string[] {
  return [
    ...(history.trouble === 'none' && history.crashes === 0 ? chargedBroken(world, graph, events) : []),
    ...overdueBroken(events, graph),
    ...readingsBroken(events),
  ]
}

/** The longest time between two readings of a run, with a margin, ms: a shorter wait may never be seen. */
const unseenMs = 3 * minute

/** The time in which a run waits uses up neither its queue timeout nor its timeout. */
function chargedBroken(world: Replay['world'], graph: Graph, events: readonly Event[]): string[] {
  return events.flatMap((event) => {
    if (event.type !== 'cancel-requested') return []
    const run = world.runs.find(({ id }) => id === event.runId)
    const job = graph.jobs.find(({ id }) => id === event.job)
    if (!run || !job || run.runAttempt > 1) return []
    const limits: Partial<Record<string, { from: number; ms: number }>> = {
      'queue-timeout': { from: run.createdAt, ms: job.queueTimeoutMs },
      'job-timeout': { from: run.startsAt, ms: job.timeoutMs },
    }
    const limit = limits[event.reason]
    if (!limit) return []
    const waited = run.waits.reduce(
      (sum, { from, until }) => sum + Math.max(0, Math.min(until, event.at) - Math.max(from, limit.from)),
      0,
    )
    const charged = event.at - limit.from - waited
    if (charged >= limit.ms - run.waits.length * unseenMs) return []
    return [`${event.job} was cancelled (${event.reason}) after ${charged} ms that count, and ${waited} ms of waiting`]
  })
}

/** A run that was read waiting twice after its approval timeout was cancelled in between. */
function overdueBroken(events: readonly Event[], graph: Graph): string[] {
  const waits = new ObservedWaits()
  const overdue = new Set<string>()
  const done = new Set<string>()
  for (const event of events) {
    waits.follow(event)
    if (event.type === 'cancel-requested' || event.type === 'job-settled') done.add(event.job)
    if (event.type !== 'run-observed' || event.run.status !== 'waiting' || done.has(event.job)) continue
    const { since, count } = waits.of(event.job)
    const timeoutMs = graph.jobs.find(({ id }) => id === event.job)?.approvalTimeoutMs ?? Infinity
    if (event.at < (since ?? Infinity) + timeoutMs) continue
    const key = `${event.job} ${count}`
    if (overdue.has(key)) return [`${event.job} is still waiting after its approval timeout`]
    overdue.add(key)
  }
  return []
}

/** What a run waits for is read at most once each time that it waits, and only then. */
function readingsBroken(events: readonly Event[]): string[] {
  const waits = new ObservedWaits()
  const read = new Map<string, number>()
  const broken: string[] = []
  for (const event of events) {
    waits.follow(event)
    if (event.type !== 'pending-deployments-read') continue
    const { since, count } = waits.of(event.job)
    read.set(event.job, (read.get(event.job) ?? 0) + 1)
    if (since === null) broken.push(`what ${event.job} waits for was read although it does not wait`)
    if ((read.get(event.job) ?? 0) > count) broken.push(`what ${event.job} waits for was read twice`)
  }
  return broken
}
