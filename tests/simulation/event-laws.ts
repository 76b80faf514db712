import type { Event } from '../../src/model/build/events.js'
import type { Graph } from '../../src/model/graph.js'
import { hasStarted, ObservedWaits } from './approval-laws.js'

type Started = Extract<Event, { type: 'started' }>

/** The laws about the order of events. Each broken law is one sentence. */
export function eventLawsBroken(journal: readonly Event[], graph: Graph): string[] {
  // A restart by hand is a reading of the run too.
  const events = journal.flatMap((event): Event[] =>
    event.type === 'run-restarted' ? [event, { ...event, type: 'run-observed' }] : [event],
  )
  const start = events[0]
  if (start?.type !== 'started') return ['the journal does not begin with the start']
  return [
    ...orderBroken(events, graph),
    ...stopBroken(events),
    ...parallelBroken(events, start),
    ...deadlinesBroken(events, start, graph),
    ...interruptionBroken(events),
    ...cancelsBroken(events, start),
    ...lastVerificationBroken(events),
    ...lossBroken(beforeSettled(events)),
    ...overtimeBroken(events, start),
    ...jobTimeoutBroken(beforeSettled(events), graph),
    ...rerunsBroken(events, graph),
  ]
}

/** A job is dispatched only after all its needs have settled without a failure. */
function orderBroken(events: readonly Event[], graph: Graph): string[] {
  const settled = new Set<string>()
  const broken: string[] = []
  for (const event of events) {
    if (event.type === 'job-settled' && ['succeeded', 'fresh', 'skipped'].includes(event.outcome))
      settled.add(event.job)
    if (event.type !== 'dispatch-requested') continue
    const early = graph.jobs.find(({ id }) => id === event.job)?.needs.filter((need) => !settled.has(need)) ?? []
    if (early.length > 0) broken.push(`${event.job} was dispatched before ${early.join(', ')}`)
  }
  return broken
}

/** Nothing is dispatched after a failure, an interruption, or the end of the whole time. */
function stopBroken(events: readonly Event[]): string[] {
  const broken: string[] = []
  const heads = new Map<string, string | null>()
  /** The reasons to dispatch nothing more, by job. A restart by hand takes back that of its job. */
  const stops = new Map<string, string>()
  const stopBy = (job: string, reason: string): void => {
    if (!stops.has(job)) stops.set(job, reason)
  }
  let deadline = Infinity
  for (const event of events) {
    if (event.type === 'started') {
      for (const { job, headSha } of event.plan.jobs) heads.set(job, headSha)
      deadline = event.at + event.options.timeoutMs
    }
    if (event.type === 'dispatch-requested') {
      const [stop] = stops.values()
      if (stop !== undefined) broken.push(`${event.job} was dispatched although ${stop}`)
      if (event.at >= deadline) broken.push(`${event.job} was dispatched after the whole time was up`)
    }
    if (event.type === 'job-settled' && !['succeeded', 'fresh', 'skipped', 'not-run'].includes(event.outcome)) {
      stopBy(event.job, `${event.job} had ended ${event.outcome}`)
    }
    if (event.type === 'dispatch-refused') stopBy(event.job, `${event.job} was not started`)
    if (event.type === 'interrupted') stopBy('', 'it was interrupted')
    if (event.type === 'run-restarted') stops.delete(event.job)
    if (event.type === 'run-observed' && event.run.headSha !== heads.get(event.job))
      stopBy(event.job, `${event.job} had moved`)
  }
  return broken
}

function parallelBroken(events: readonly Event[], { options }: Started): string[] {
  const active = new Set<string>()
  for (const event of events) {
    if (event.type === 'dispatch-requested') active.add(event.job)
    if (['job-settled', 'dispatch-refused'].includes(event.type) && 'job' in event) {
      active.delete(event.job)
    }
    if (active.size > (options.maxParallel ?? Infinity)) return [`${active.size} jobs were active at once`]
  }
  return []
}

/** A deadline fires only after an observation later than it (law 5). */
function deadlinesBroken(events: readonly Event[], start: Started, graph: Graph): string[] {
  const broken: string[] = []
  const observedAt = new Map<string, number>()
  const since = new Map<string, number>()
  const dispatchedAt = new Map<string, number>()
  const attempts = new Map<string, number>()
  const waits = new ObservedWaits()
  for (const event of events) {
    waits.follow(event)
    if (hasBegun(event)) dispatchedAt.set(event.job, event.at)
    if (event.type === 'run-observed' || event.type === 'run-absent') observedAt.set(event.job, event.at)
    // Each attempt of a run has its own deadline.
    const runAttempt = event.type === 'run-observed' ? (event.run.runAttempt ?? 1) : 1
    if (event.type === 'run-observed' && runAttempt > (attempts.get(event.job) ?? 1)) {
      attempts.set(event.job, runAttempt)
      since.delete(event.job)
      dispatchedAt.set(event.job, event.at)
    }
    if (event.type === 'run-observed' && hasStarted(event.run) && !since.has(event.job)) {
      since.set(event.job, event.at)
    }
    if (event.type !== 'cancel-requested') continue
    const job = graph.jobs.find(({ id }) => id === event.job)
    if (!job) throw new Error(`no job ${event.job}`)
    const deadlines: Partial<Record<string, number>> = {
      timeout: start.at + start.options.timeoutMs,
      'queue-timeout': (dispatchedAt.get(event.job) ?? Infinity) + waits.of(event.job).certainMs + job.queueTimeoutMs,
      'job-timeout': (since.get(event.job) ?? Infinity) + waits.of(event.job).certainMs + job.timeoutMs,
      'approval-timeout': waits.of(event.job).lastSince + (job.approvalTimeoutMs ?? Infinity),
    }
    // Builds continue while no process watches, so their deadlines run in real time, which these events do not contain after a resume.
    if (event.reason !== 'timeout' && events.some(({ type }) => type === 'resumed')) continue
    const deadline = deadlines[event.reason]
    if (deadline !== undefined && (observedAt.get(event.job) ?? -Infinity) < deadline) {
      broken.push(`${event.job} was cancelled (${event.reason}) without an observation after the deadline`)
    }
  }
  return broken
}

/** A run that must be cancelled is cancelled soon, and a run that may continue is not cancelled. */
function cancelsBroken(events: readonly Event[], { plan, options }: Started): string[] {
  const broken: string[] = []
  const heads = new Map(plan.jobs.map(({ job, headSha }) => [job, headSha]))
  /** Since when each running job has to be cancelled; null: it may continue. */
  const running = new Map<string, number | null>()
  for (const event of events) {
    for (const [job, since] of running) {
      if (since !== null && event.at > since + 30_000)
        return [...broken, `${job} goes on although it must be cancelled`]
    }
    if (hasBegun(event)) running.set(event.job, null)
    if (event.type === 'job-settled') running.delete(event.job)
    if (event.type === 'cancel-requested') {
      running.delete(event.job)
      if (!options.failFast && ['fail-fast', 'superseded'].includes(event.reason)) {
        broken.push(`${event.job} was cancelled (${event.reason}) without fail-fast`)
      }
    }
    const isMoved = event.type === 'run-observed' && event.run.headSha !== heads.get(event.job)
    if (isMoved && running.has(event.job)) running.set(event.job, running.get(event.job) ?? event.at)
    const isBad = event.type === 'job-settled' && !['succeeded', 'fresh', 'skipped', 'not-run'].includes(event.outcome)
    if ((isBad || event.type === 'interrupted') && (options.failFast || !isBad)) {
      for (const [job, since] of running) running.set(job, since ?? event.at)
    }
  }
  return broken
}

/** The events without the readings of failed runs of settled jobs, which a user may re-run by hand. */
function beforeSettled(events: readonly Event[]): Event[] {
  const settled = new Set<string>()
  return events.filter((event) => {
    if (event.type === 'job-settled') settled.add(event.job)
    return !('job' in event) || !settled.has(event.job) || event.type === 'job-settled'
  })
}

/** A run that was missing for five minutes is not searched again. */
function lossBroken(events: readonly Event[]): string[] {
  const absentSince = new Map<string, number>()
  const lost = new Set<string>()
  for (const event of events) {
    if (event.type === 'run-observed') absentSince.delete(event.job)
    if (event.type !== 'run-absent') continue
    if (lost.has(event.job)) return [`${event.job} is waited for although its run is lost`]
    const since = absentSince.get(event.job) ?? event.at
    absentSince.set(event.job, since)
    if (event.at >= since + 5 * 60_000) lost.add(event.job)
  }
  return []
}

/** A re-run is requested once for each attempt that did not succeed, and at most as often as the graph allows. */
function rerunsBroken(events: readonly Event[], graph: Graph): string[] {
  const asked = new Map<string, Set<number>>()
  const broken: string[] = []
  for (const event of events) {
    if (event.type !== 'rerun-requested') continue
    const attempts = asked.get(event.job) ?? new Set()
    if (attempts.has(event.fromAttempt))
      broken.push(`${event.job} was run again twice from attempt ${event.fromAttempt}`)
    asked.set(event.job, attempts.add(event.fromAttempt))
    const retries = graph.jobs.find(({ id }) => id === event.job)?.retries ?? 0
    if (attempts.size > retries) broken.push(`${event.job} was run again ${attempts.size} times`)
  }
  return broken
}

/** A run that was read twice after its `timeout-minutes` was cancelled in between. */
function jobTimeoutBroken(events: readonly Event[], graph: Graph): string[] {
  const since = new Map<string, number>()
  const overdue = new Set<string>()
  const attempts = new Map<string, number>()
  const cancelled = new Set<string>()
  const waits = new ObservedWaits()
  for (const event of events) {
    waits.follow(event)
    if (event.type === 'cancel-requested') cancelled.add(event.job)
    if (event.type !== 'run-observed') continue
    // An observation without an attempt is of the attempt that was observed last.
    const attempt = event.run.runAttempt ?? attempts.get(event.job) ?? 1
    attempts.set(event.job, attempt)
    if (!hasStarted(event.run)) continue
    const key = `${event.job} attempt ${attempt}`
    const first = since.get(key) ?? event.at
    since.set(key, first)
    const timeoutMs = graph.jobs.find(({ id }) => id === event.job)?.timeoutMs ?? 0
    if (event.at < first + waits.of(event.job).possibleMs + timeoutMs || cancelled.has(event.job)) continue
    if (overdue.has(key)) return [`${event.job} goes on after its timeout`]
    overdue.add(key)
  }
  return []
}

/** A job that is running at the end of the whole time is settled within the time of two cancels, or the timeout for unreadable runs. */
function overtimeBroken(events: readonly Event[], { at, options }: Started): string[] {
  const latest = at + options.timeoutMs + 15 * 60_000
  const late = events.find((event) => event.type === 'job-settled' && event.at > latest)
  return late?.type === 'job-settled' ? [`${late.job} was settled long after the whole time was up`] : []
}

/** An orchestration succeeds only after a reading that follows the last success and shows the change as tested. */
function lastVerificationBroken(events: readonly Event[]): string[] {
  const end = events.at(-1)
  if (end?.type !== 'finished' || end.outcome !== 'succeeded') return []
  const isPosted = events.some(({ type }) => type === 'status-requested')
  const [start] = events
  // A change that was built and unlocked before is only read.
  if (start?.type === 'started' && start.plan.isUnlocked === true && !isPosted) return []
  const posted = events.findLastIndex((event) => event.type === 'status-posted' && event.round === 'success')
  const verified = events.findLastIndex((event) => event.type === 'verified')
  const last = events[verified]
  if (last?.type !== 'verified' || last.result.kind !== 'unchanged')
    return ['it ended well on a change that was not verified']
  return verified < posted ? ['it ended well without a reading after the last success'] : []
}

/** An orchestration ends within five seconds after a signal. */
function interruptionBroken(events: readonly Event[]): string[] {
  const interrupted = events.find((event) => event.type === 'interrupted')
  const end = events.at(-1)
  if (interrupted?.type !== 'interrupted' || interrupted.cause !== 'signal' || end?.type !== 'finished') return []
  const last = events.findLast((event) => event.type === 'interrupted' || event.type === 'resumed') ?? interrupted
  const ms = end.at - last.at
  return ms > 5_000 ? [`it ended ${ms} ms after the signal`] : []
}

/** The run is known: GitHub named it, or it was found. */
function hasBegun(event: Event): event is Extract<Event, { type: 'dispatch-accepted' | 'run-adopted' }> {
  return event.type === 'dispatch-accepted' || event.type === 'run-adopted'
}
