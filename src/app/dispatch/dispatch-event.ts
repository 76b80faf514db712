import { readEventTrigger } from '../../config/workflow-file.js'
import { assertNever } from '../../lib/assert-never.js'
import { markerInput } from '../../model/build/marker.js'
import type { EventDelivery, EventDispatch, EventRequest, EventRun } from '../../model/event-delivery.js'
import { receiversOf } from '../../model/event-receiver.js'
import type { EventReceiver } from '../../model/event-receiver.js'
import { payloadProblem } from '../../model/repository-event.js'
import type { EventPayload } from '../../model/repository-event.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { EventSending } from '../../ports/host/events.js'
import { failureProblem, stop } from '../problem.js'
import type { Problem, Result, Stopped } from '../problem.js'
import { awaitEventRun } from './await-event-run.js'
import { eventProblems, largePayload } from './check-event.js'
import type { NewRepositoryEvent } from './check-event.js'
import type { EventHost } from './event-host.js'

/** What happened while an event is sent and its runs are awaited. */
export type EventProgress =
  | { kind: 'requested'; repo: RepoName; request: EventRequest }
  | { kind: 'found'; repo: RepoName; workflow: string; url: string }
  | { kind: 'ended'; repo: RepoName; run: EventRun }

export interface DispatchEventOptions extends NewRepositoryEvent {
  host: EventHost
  clock: Clock
  /** Identifies the event in the titles of its runs; no other event has it. */
  id: string
  /** Nothing is sent. */
  isDryRun: boolean
  /** How long the runs that the event starts are awaited, ms; null: they are not awaited. */
  waitMs: number | null
  /** Aborts when the user stops it: nothing more is sent, and the runs that are awaited are cancelled. */
  signal: AbortSignal
  /** Whether the runs continue after `signal` aborted, because another process waits for them. Absent: they are cancelled. */
  leavesRuns?: () => boolean
  /**
   * Since when an earlier process may have sent the event, ms, UTC, by its clock: it is not sent again, and only runs with the marker are
   * found. Absent: none did.
   */
  sentSince?: number
  onProgress: (progress: EventProgress) => void
}

/** A repository that was checked, with what is sent to it. */
interface Target {
  repo: RepoName
  defaultBranch: string
  payload: EventPayload
  /** The workflows that the event starts; null: they were not read. */
  receivers: readonly EventReceiver[] | null
}

/**
 * Sends an event to repositories, each at most once (law 2), and waits for the runs that it starts. Everything is checked, in all
 * repositories, before the first request that changes anything.
 */
export async function dispatchEvent(
  options: DispatchEventOptions,
): Promise<{ kind: 'done'; dispatch: EventDispatch } | Stopped> {
  const { eventType, isDryRun, waitMs, repositories } = options
  const problems = eventProblems(options)
  if (problems.length > 0) return { kind: 'stopped', problems }
  const checked = await Promise.all(repositories.map((repo) => checkTarget(options, repo)))
  const refused = checked.flatMap((target) => (target.ok ? [] : target.problems))
  if (refused.length > 0) return { kind: 'stopped', problems: refused }
  const targets = checked.flatMap((target) => (target.ok ? [target.value] : []))
  const deliveries = isDryRun
    ? targets.map(({ repo, receivers }): EventDelivery => ({ repo, receivers, request: { kind: 'planned' }, runs: [] }))
    : await Promise.all(targets.map((target) => deliver(options, target)))
  return { kind: 'done', dispatch: { eventType, isDryRun, isAwaited: waitMs !== null, deliveries } }
}

async function checkTarget(options: DispatchEventOptions, repo: RepoName): Promise<Result<Target>> {
  const { host, eventType, payload, isDryRun, waitMs, id } = options
  const found = await host.checkEventTarget(repo)
  if (!found.ok) return stop(failureProblem(found.failure))
  const { defaultBranch } = found.value
  if (waitMs === null && !isDryRun) return { ok: true, value: { repo, defaultBranch, payload, receivers: null } }
  const workflows = await host.readEnabledWorkflows(repo)
  if (!workflows.ok) return stop(failureProblem(workflows.failure))
  const receivers = receiversOf(workflows.value, eventType, readEventTrigger).map(
    // A key of that name belongs to the user and is not overwritten.
    (receiver) => ({ ...receiver, carriesMarker: receiver.carriesMarker && !Object.hasOwn(payload, markerInput) }),
  )
  if (waitMs === null) return { ok: true, value: { repo, defaultBranch, payload, receivers } }
  if (receivers.length === 0) return stop(withoutReceiver(repo, defaultBranch, eventType))
  const isMarked = receivers.some(({ carriesMarker }) => carriesMarker)
  const sent = isMarked ? { ...payload, [markerInput]: id } : payload
  const tooLarge = payloadProblem(sent)
  if (tooLarge !== undefined)
    return stop(largePayload(`${tooLarge}; the workflow of ${repo} asks for the key ${markerInput}, which is added`))
  return { ok: true, value: { repo, defaultBranch, payload: sent, receivers } }
}

function withoutReceiver(repo: RepoName, defaultBranch: string, eventType: string): Problem {
  return {
    kind: 'failed',
    message: `no workflow of ${repo} runs on the event ${eventType}`,
    why: `GitHub looks on the default branch ${defaultBranch}, where no enabled workflow has repository_dispatch with this type`,
    remedy: 'Add the type below `on: repository_dispatch: types:` there, or do not wait.',
  }
}

async function deliver(options: DispatchEventOptions, target: Target): Promise<EventDelivery> {
  const { host, clock, id, waitMs, signal, onProgress, leavesRuns = () => false } = options
  const { repo, receivers, defaultBranch } = target
  const awaited = receivers ?? []
  const { request, sentAt } = await send(options, target)
  onProgress({ kind: 'requested', repo, request })
  const isOver = request.kind === 'refused' || request.kind === 'withheld'
  if (waitMs === null || isOver) return { repo, request, receivers, runs: [] }
  const runs = await Promise.all(
    awaited.map(async ({ workflow, carriesMarker }) => {
      const marker = carriesMarker ? id : null
      const since = carriesMarker || options.sentSince === undefined ? sentAt : null
      const event = { repo, workflow, defaultBranch, marker, sentAt: since, deadline: clock.now() + waitMs }
      const run = await awaitEventRun({ host, clock, signal, onProgress, leavesRuns }, event)
      onProgress({ kind: 'ended', repo, run })
      return run
    }),
  )
  return { repo, request, receivers, runs }
}

/** How much the clocks of two processes and of GitHub may differ, ms. */
const clockToleranceMs = 10 * 60_000

/** Sends the event, unless an earlier process may have done so. `sentAt`: GitHub's time when it left, at the earliest; null: not known. */
async function send(
  { host, eventType, signal, sentSince }: DispatchEventOptions,
  { repo, payload }: Target,
): Promise<{ request: EventRequest; sentAt: number | null }> {
  if (sentSince !== undefined) {
    const message = "the process that sent the event ended before GitHub's answer"
    return {
      request: { kind: 'unknown', failure: { kind: 'network', message, repo } },
      sentAt: sentSince - clockToleranceMs,
    }
  }
  let sentAt: number | null = null
  const sending = await host.sendEvent({ repo, eventType, payload }, () => {
    sentAt = host.serverTime()
    return Promise.resolve(!signal.aborted)
  })
  return { request: toRequest(sending), sentAt }
}

function toRequest(sending: EventSending): EventRequest {
  switch (sending.kind) {
    case 'sent':
      return { kind: 'accepted' }
    case 'refused':
      return sending
    case 'ambiguous':
      return { kind: 'unknown', failure: sending.failure }
    case 'withheld':
      return sending
    default:
      return assertNever(sending)
  }
}
