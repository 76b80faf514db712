import { assertNever } from '../../lib/assert-never.js'
import { shownAt } from '../../model/build/history.js'
import type { RecordedOrchestration } from '../../model/build/history.js'
import { postRounds } from '../../model/build/state/post-state.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { AwaitedApproval, JobState } from '../../model/build/state/job-state.js'
import type { PostState } from '../../model/build/state/post-state.js'
import { timelineOf } from '../../model/build/timeline.js'
import { repoKey } from '../../model/repo-name.js'
import { jsonVersion } from '../../model/wire/common.js'
import type { FailureJson, Timestamp } from '../../model/wire/common.js'
import type {
  JobRunJson,
  JobStateJson,
  OrchestrationJson,
  PostJson,
  PostResultJson,
} from '../../model/wire/orchestration.js'
import { failureJson, pendingDeploymentsJson, runFailureJson, toTimestamp } from './common-json.js'
import { pullRequestResultsJson } from './event-json.js'
import { summaryJson } from './history-json.js'
import { planContentJson } from './plan-json.js'

/** The document of `orch show --json`. `now`: ms, UTC. */
export function orchestrationToJson(entry: RecordedOrchestration, now: number): OrchestrationJson {
  const { orchestration } = entry
  const { plan, interrupted, isResumed, unattendedMs } = orchestration
  const { statusContext, setDigest, link, options, warnings, jobs } = planContentJson(plan, orchestration.options)
  const at = shownAt(entry, now)
  const { makespanMs, criticalPath } = timelineOf(orchestration, at)
  return {
    version: jsonVersion,
    ...summaryJson(entry, now),
    isResumed,
    unattendedMs,
    interruptedBy: interrupted?.signal ?? null,
    statusContext,
    setDigest,
    link,
    options,
    warnings,
    jobs: jobs.map((job) => ({
      ...job,
      ...jobStateJson(orchestration.jobs.get(job.job) ?? { phase: 'waiting' }, at),
    })),
    makespanMs,
    criticalPathMs: criticalPath.ms,
    criticalPath: criticalPath.jobs,
    statuses: postsJson(orchestration),
    pullRequests: pullRequestResultsJson(orchestration),
  }
}

function jobStateJson(state: JobState, at: number): JobStateJson {
  const settled = state.phase === 'settled' ? state : null
  const from = dispatchedAt(state)
  return {
    phase: state.phase,
    outcome: settled?.outcome ?? null,
    outcomeReason: settled?.reason ?? null,
    attempt: state.phase === 'waiting' ? null : state.attempt,
    ...runJson(state),
    dispatchedAt: from === null ? null : toTimestamp(from),
    inProgressAt: inProgressAt(state),
    settledAt: settled && toTimestamp(settled.settledAt),
    durationMs: from === null ? null : Math.max(0, (settled?.settledAt ?? at) - from),
    failure: latestFailure(state),
    pendingDeployments: pendingDeploymentsJson(awaitedOf(state)?.deployments ?? null),
    explanation: settled?.explanation ? runFailureJson(settled.explanation) : null,
  }
}

function runJson(state: JobState): JobRunJson {
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

function inProgressAt(state: JobState): Timestamp | null {
  const at = state.phase === 'running' || state.phase === 'settled' ? state.inProgressAt : undefined
  return at === undefined ? null : toTimestamp(at)
}

function awaitedOf(state: JobState): AwaitedApproval | undefined {
  return state.phase === 'running' || state.phase === 'settled' ? state.awaited : undefined
}

function latestFailure(state: JobState): FailureJson | null {
  const failure =
    state.phase === 'running'
      ? state.observation.failure
      : state.phase === 'settled' || state.phase === 'searching'
        ? state.failure
        : null
  return failure && failureJson(failure)
}

function postsJson({ plan, posts }: Orchestration): PostJson[] {
  return plan.targets.flatMap(({ repo, headSha }) =>
    postRounds.flatMap((round) => {
      const post = posts.get(repoKey(repo))?.[round]
      return post ? [{ repository: repo, headSha, round, phase: post.phase, ...postResultJson(post) }] : []
    }),
  )
}

function postResultJson(post: PostState): PostResultJson {
  const none = { statusId: null, state: null, description: null, postedAt: null, reason: null, failure: null }
  switch (post.phase) {
    case 'requested':
      return none
    case 'posted': {
      const { id, state, description, createdAt } = post.status
      return { ...none, statusId: id, state, description, postedAt: toTimestamp(createdAt) }
    }
    case 'failed':
      return { ...none, failure: failureJson(post.failure) }
    case 'withheld':
      return { ...none, reason: post.reason }
    default:
      return assertNever(post)
  }
}
