import { listingLagMs, unreadableTimeoutMs } from '../../engine/build/decide/job/find-reusable-run.js'
import { judgeConclusion } from '../../engine/build/decide/job/judge.js'
import { observationDelay } from '../../engine/build/state/delays.js'
import type { EventRun, EventRunOutcome } from '../../model/event-delivery.js'
import { isAuthFailure, isDenied } from '../../model/failure.js'
import type { Failure } from '../../model/failure.js'
import type { FoundRun } from '../../model/build/state/job-state.js'
import type { RepoName } from '../../model/repo-name.js'
import { isCompleted } from '../../model/workflow-run.js'
import type { CompletedRun } from '../../model/workflow-run.js'
import type { Clock } from '../../ports/clock.js'
import type { RunSearch } from '../../ports/host/builds.js'
import { inTime, unlessAborted } from './bounded-wait.js'
import type { EventHost } from './event-host.js'

/** What identifies the run of one workflow that an event starts, because GitHub's answer to an event names none. */
export interface AwaitedEventRun {
  repo: RepoName
  workflow: string
  defaultBranch: string
  /** Text in the title of the run; null: its `run-name` does not show it. */
  marker: string | null
  /** GitHub's time when the event left, ms, UTC; null: not known. */
  sentAt: number | null
  /** When the waiting ends, ms, UTC, by the clock port. */
  deadline: number
}

interface Waiting {
  host: EventHost
  clock: Clock
  signal: AbortSignal
  /** Whether the run continues after `signal` aborted, because another process waits for it. */
  leavesRuns: () => boolean
  onProgress: (progress: { kind: 'found'; repo: RepoName; workflow: string; url: string }) => void
}

/** The time for which a run may return 404 before it counts as lost, ms. */
const lostAfterMs = 5 * 60_000

/**
 * Finds the run and waits for its end. With the marker in its title it is found for certain. Otherwise it must be the only run that an
 * event of the token's user started in this workflow within two minutes: if there are several, the outcome is `unknown`.
 */
export async function awaitEventRun(waiting: Waiting, event: AwaitedEventRun): Promise<EventRun> {
  const { repo, workflow } = event
  const found = await find(waiting, event)
  if (!('runId' in found)) return { workflow, runId: null, url: null, conclusion: null, ...found }
  const { runId, url } = found
  waiting.onProgress({ kind: 'found', repo, workflow, url })
  const end = await follow(waiting, event, runId)
  const checked = end.outcome === 'succeeded' && event.marker === null ? await recheck(waiting, event, end) : end
  return { workflow, runId, url, ...checked }
}

interface NotFound {
  outcome: EventRunOutcome
  reason: string
  failure?: Failure
}

interface End extends NotFound {
  conclusion: string | null
}

function searchFor({ repo, workflow, defaultBranch, marker, sentAt }: AwaitedEventRun): RunSearch {
  return {
    repo,
    event: 'repository_dispatch',
    workflow,
    ref: defaultBranch,
    // The default branch may move before GitHub handles the event.
    headSha: null,
    createdSince: sentAt,
    ...(marker === null && sentAt !== null ? { createdUntil: sentAt + listingLagMs } : {}),
    marker,
  }
}

async function find({ host, clock, signal }: Waiting, event: AwaitedEventRun): Promise<FoundRun | NotFound> {
  const unknown = (reason: string): NotFound => ({ outcome: 'unknown', reason })
  if (event.sentAt === null) return unknown('its run cannot be looked for: it is not known when GitHub got the event')
  const startedAt = clock.now()
  for (let count = 1; ; count += 1) {
    const isLast = signal.aborted
    const listing = host.findRuns(searchFor(event))
    const read = await (isLast ? inTime(clock, listing) : unlessAborted(signal, listing))
    const now = clock.now()
    if (read === null) {
      if (isLast) return interruptedBeforeFound
    } else if (read.ok) {
      const [first, ...others] = read.value
      if (first && others.length === 0) return first
      if (first) return unknown(severalText(read.value.length))
      if (now >= startedAt + listingLagMs) return unknown('no run appeared')
    } else {
      const { failure } = read
      const isOver = isFinal(failure) || now >= startedAt + listingLagMs + unreadableTimeoutMs
      if (isOver) return { ...unknown(`its run could not be looked for: ${failure.message}`), failure }
    }
    if (isLast) return interruptedBeforeFound
    if (now >= event.deadline) return { outcome: 'timed-out', reason: 'no run appeared in the time that was given' }
    const nextAt = now + observationDelay(count, `${event.repo}:${event.workflow}`)
    await clock.sleep(Math.min(nextAt, event.deadline) - now, signal)
  }
}

const interruptedBeforeFound: NotFound = {
  outcome: 'cancelled',
  reason: 'it was interrupted before its run appeared, which may still run',
}

function severalText(count: number): string {
  return `${count} runs were started at that time, and it is not known which of them is of this event`
}

/** Whether a reading that failed like this fails again. */
function isFinal(failure: Failure): boolean {
  return isAuthFailure(failure) || isDenied(failure)
}

async function follow(waiting: Waiting, event: AwaitedEventRun, runId: number): Promise<End> {
  const { host, clock, signal, leavesRuns } = waiting
  const { repo, deadline } = event
  const since = clock.now()
  let absentSince: number | null = null
  for (let count = 1; ; count += 1) {
    if (signal.aborted && leavesRuns()) return leftRunning
    if (signal.aborted) return endEarly(waiting, event, runId, { outcome: 'cancelled', why: 'it was interrupted' })
    const reading = await unlessAborted(signal, host.readRun(repo, runId, { withAttempt: false, headSha: null }))
    if (reading === null) continue
    const now = clock.now()
    if (reading.kind === 'run' && isCompleted(reading.run)) return concluded(reading.run)
    absentSince = reading.kind === 'absent' ? (absentSince ?? now) : null
    if (absentSince !== null && now >= absentSince + lostAfterMs)
      return { outcome: 'unknown', conclusion: null, reason: 'GitHub has not known its run for 5 minutes' }
    if (reading.kind === 'unreadable' && (isFinal(reading.failure) || now >= deadline)) {
      const { failure } = reading
      return { outcome: 'unknown', conclusion: null, reason: `its run could not be read: ${failure.message}`, failure }
    }
    if (now >= deadline)
      return endEarly(waiting, event, runId, { outcome: 'timed-out', why: 'it did not end in the time that was given' })
    const wasFound = reading.kind === 'run'
    const nextAt = host.nextReadingAt({ repo, runId, since, count, seed: `${repo}:${runId}`, wasFound })
    await clock.sleep(Math.max(0, Math.min(nextAt, deadline) - now), signal)
  }
}

const leftRunning: End = { outcome: 'unknown', conclusion: null, reason: 'another process waits for its run' }

/** Only `success` is success (law 9). */
function concluded({ conclusion }: CompletedRun): End {
  const { outcome } = judgeConclusion(conclusion, null)
  const isKnown = outcome === 'succeeded' || outcome === 'failed' || outcome === 'cancelled'
  return { outcome: isKnown ? outcome : 'unknown', conclusion, reason: `its run concluded ${conclusion}` }
}

/** Cancels a run. GitHub's conclusion takes precedence if it has ended meanwhile. */
async function endEarly(
  { host, clock }: Waiting,
  { repo }: AwaitedEventRun,
  runId: number,
  { outcome, why }: { outcome: EventRunOutcome; why: string },
): Promise<End> {
  const result = await inTime(clock, host.cancelRun(repo, runId, { force: false, urgent: true }))
  if (result === null)
    return { outcome: 'unknown', conclusion: null, reason: `${why}, and GitHub did not answer the cancel of its run` }
  if (result.kind === 'requested') return { outcome, conclusion: null, reason: `${why}, so its run is being cancelled` }
  if (result.kind === 'failed') {
    const { failure } = result
    const reason = `${why}, and its run could not be cancelled, so it may still run: ${failure.message}`
    return { outcome: 'unknown', conclusion: null, reason, failure }
  }
  const reading = await inTime(clock, host.readRun(repo, runId))
  if (reading?.kind === 'run' && isCompleted(reading.run)) return concluded(reading.run)
  return { outcome, conclusion: null, reason: why }
}

/** Looks again whether a success without a marker is of this event: another run may have appeared since it was found. */
async function recheck({ host }: Waiting, event: AwaitedEventRun, end: End): Promise<End> {
  const read = await host.findRuns(searchFor(event))
  if (read.ok && read.value.length <= 1) return end
  if (read.ok) return { ...end, outcome: 'unknown', reason: severalText(read.value.length) }
  const { failure } = read
  const reason = `it could not be read whether other runs were started at that time: ${failure.message}`
  return { ...end, outcome: 'unknown', reason, failure }
}
