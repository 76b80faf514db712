import { assertNever } from '../../lib/assert-never.js'
import type { JobState, Orchestration, PostRound, PostState } from '../../model/build/orchestration.js'
import { repoKey } from '../../model/repo-name.js'
import { courseOf } from '../views/timeline.js'
import { explanationJson, failureJson, jsonVersion, momentJson, planFieldsJson, pullRequestJson } from './event-json.js'
import type { JsonObject } from './event-json.js'
import { viewJobs } from '../views/job-view.js'
import type { JobDisplayState } from '../views/job-view.js'
import { shownAt } from '../../model/build/history.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import { pullRequestFates } from '../views/pull-request-outcome.js'

const standings: readonly JobDisplayState[] = [
  'waiting',
  'active',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'not-run',
]

/** What list and show say alike. */
function headJson(entry: RecordedOrchestration, now: number): JsonObject {
  const { id, location, state, driver, orchestration } = entry
  const { startedAt, lastAt, ending, plan } = orchestration
  return {
    id,
    journal: location,
    state,
    processId: driver?.pid ?? null,
    branch: plan.branch,
    startedAt: momentJson(startedAt),
    lastEventAt: momentJson(lastAt),
    durationMs: shownAt(entry, now) - startedAt,
    outcome: ending?.outcome ?? null,
    reason: ending?.reason ?? null,
    isAuthFailure: ending?.auth ?? null,
  }
}

function countsJson(entry: RecordedOrchestration, now: number): JsonObject {
  const views = viewJobs(entry.orchestration, shownAt(entry, now))
  const counts = standings.map((standing) => {
    const key = standing === 'not-run' ? 'notRun' : standing
    return [key, views.filter((view) => view.displayState === standing).length] as const
  })
  return { all: views.length, ...Object.fromEntries(counts) }
}

function entryJson(entry: HistoryEntry, now: number): JsonObject {
  if (entry.state !== 'unreadable') return { ...headJson(entry, now), jobCounts: countsJson(entry, now), problem: null }
  return {
    id: entry.id,
    journal: entry.location,
    state: entry.state,
    processId: null,
    branch: null,
    startedAt: null,
    lastEventAt: null,
    durationMs: null,
    outcome: null,
    reason: null,
    isAuthFailure: null,
    jobCounts: null,
    problem: entry.problem,
  }
}

/** `orch list --json`, in the order given: config/schemas/list.schema.json. `now`: ms, UTC. */
export function historyToJson(history: readonly HistoryEntry[], now: number): JsonObject {
  return { version: jsonVersion, orchestrations: history.map((entry) => entryJson(entry, now)) }
}

/** The run of a job as far as the journal knows it; every field null: none is known. */
function runFields(state: JobState): JsonObject {
  const none = { runId: null, runAttempt: null, runStatus: null, runConclusion: null, url: null }
  switch (state.phase) {
    case 'waiting':
    case 'dispatching':
    case 'searching':
      return none
    case 'running': {
      const { run } = state.observation
      return {
        runId: state.runId,
        runAttempt: run?.runAttempt ?? null,
        runStatus: run?.status ?? null,
        runConclusion: run?.conclusion ?? null,
        url: run?.url ?? state.url,
      }
    }
    case 'settled':
      return { ...none, runId: state.runId, runAttempt: state.runAttempt, url: state.url }
    default:
      return assertNever(state)
  }
}

function dispatchedAt(state: JobState): number | null {
  if (state.phase === 'waiting') return null
  return state.phase === 'running' || state.phase === 'settled' ? state.dispatchedAt : state.requestedAt
}

function inProgressAt(state: JobState): string | null {
  const at = state.phase === 'running' || state.phase === 'settled' ? state.inProgressAt : undefined
  return at === undefined ? null : momentJson(at)
}

function failureOf(state: JobState): JsonObject | null {
  const failure =
    state.phase === 'running'
      ? state.observation.failure
      : state.phase === 'settled' || state.phase === 'searching'
        ? state.failure
        : null
  return failure && failureJson(failure)
}

function jobJson(state: JobState, at: number): JsonObject {
  const settled = state.phase === 'settled' ? state : null
  const from = dispatchedAt(state)
  return {
    phase: state.phase,
    outcome: settled?.outcome ?? null,
    outcomeReason: settled?.reason ?? null,
    attempt: state.phase === 'waiting' ? null : state.attempt,
    ...runFields(state),
    dispatchedAt: from === null ? null : momentJson(from),
    inProgressAt: inProgressAt(state),
    settledAt: settled && momentJson(settled.settledAt),
    durationMs: from === null ? null : Math.max(0, (settled?.settledAt ?? at) - from),
    failure: failureOf(state),
    explanation: settled?.explanation ? explanationJson(settled.explanation) : null,
  }
}

function postJson(post: PostState): JsonObject {
  const none = { statusId: null, state: null, description: null, postedAt: null, reason: null, failure: null }
  switch (post.phase) {
    case 'requested':
      return none
    case 'posted': {
      const { id, state, description, createdAt } = post.status
      return { ...none, statusId: id, state, description, postedAt: momentJson(createdAt) }
    }
    case 'failed':
      return { ...none, failure: failureJson(post.failure) }
    case 'withheld':
      return { ...none, reason: post.reason }
    default:
      return assertNever(post)
  }
}

const rounds: readonly PostRound[] = ['claim', 'success', 'closing', 'revoke']

function statusesJson({ plan, posts }: Orchestration): JsonObject[] {
  return plan.targets.flatMap(({ repo, headSha }) =>
    rounds.flatMap((round) => {
      const post = posts.get(repoKey(repo))?.[round]
      return post ? [{ repository: repo, headSha, round, phase: post.phase, ...postJson(post) }] : []
    }),
  )
}

/** `orch show --json`: config/schemas/show.schema.json. `now`: ms, UTC. */
export function orchestrationToJson(entry: RecordedOrchestration, now: number): JsonObject {
  const { orchestration } = entry
  const { plan, options, interrupted, isResumed, unattendedMs } = orchestration
  const fields = planFieldsJson(plan, options)
  const at = shownAt(entry, now)
  const { makespanMs, criticalPath } = courseOf(orchestration, at)
  return {
    version: jsonVersion,
    ...headJson(entry, now),
    isResumed,
    unattendedMs,
    interruptedBy: interrupted?.signal ?? null,
    statusContext: fields.statusContext,
    setDigest: fields.setDigest,
    link: fields.link,
    options: fields.options,
    warnings: fields.warnings,
    jobs: fields.jobs.map((job) => ({
      ...job,
      ...jobJson(orchestration.jobs.get(job.job) ?? { phase: 'waiting' }, at),
    })),
    makespanMs,
    criticalPathMs: criticalPath.ms,
    criticalPath: [...criticalPath.jobs],
    statuses: statusesJson(orchestration),
    pullRequests: pullRequestFates(orchestration).map(({ repo, headSha, pullRequest, outcome: fate, detail }) => ({
      repository: repo,
      headSha,
      ...pullRequestJson(pullRequest),
      fate,
      detail,
    })),
  }
}
