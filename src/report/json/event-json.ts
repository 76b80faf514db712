import { assertNever } from '../../lib/assert-never.js'
import type { PullRequest } from '../../model/change.js'
import type { Event } from '../../model/build/events.js'
import type { Failure } from '../../model/failure.js'
import type { Orchestration, VerificationResult } from '../../model/build/orchestration.js'
import type { BuiltRun, Plan, RunOptions } from '../../model/build/plan.js'
import type { RunFailure, WorkflowRun } from '../../model/workflow-run.js'
import type { Pause } from '../../ports/pause.js'
import { pullRequestFates } from '../views/pull-request-outcome.js'

/** A value of JSON, with string keys in camelCase. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }
export type JsonObject = Readonly<Record<string, JsonValue>>

/** Version of every JSON document and line; it grows when a field changes its meaning or goes. */
export const jsonVersion = 2

export function failureJson(failure: Failure): JsonObject {
  return {
    kind: failure.kind,
    message: failure.message,
    remedy: failure.remedy ?? null,
    repository: failure.repo ?? null,
    httpStatus: failure.httpStatus ?? null,
    permission: failure.permission ?? null,
  }
}

export function pullRequestJson(pullRequest: PullRequest): JsonObject {
  return {
    number: pullRequest.number,
    url: pullRequest.url,
    title: pullRequest.title,
    baseBranch: pullRequest.baseRef,
    isDraft: pullRequest.isDraft,
  }
}

/** ms since the epoch as ISO 8601, UTC. */
export function momentJson(at: number): string {
  return new Date(at).toISOString()
}

function runJson(run: WorkflowRun): JsonObject {
  const { id, status, conclusion, runAttempt, headSha, url } = run
  return { id, status, conclusion, runAttempt, headSha, url }
}

export function explanationJson({ workflowJob, step, url, logTail, logFailure }: RunFailure): JsonObject {
  return { workflowJob, step, url, logTail: [...logTail], logFailure: logFailure ? failureJson(logFailure) : null }
}

function verificationJson(result: VerificationResult): JsonObject {
  switch (result.kind) {
    case 'unchanged':
    case 'moved': {
      const findings = result.kind === 'moved' ? result.findings : result.merged
      const list = findings.map(({ kind, repo, message }) => ({ kind, repository: repo, message }))
      return { result: result.kind, findings: list }
    }
    case 'unsettled':
      return { result: result.kind, reason: result.reason }
    case 'overtaken':
      return { result: result.kind, repositories: [...result.repos], by: [...result.by] }
    case 'unreadable':
      return { result: result.kind, failure: failureJson(result.failure) }
    default:
      return assertNever(result)
  }
}

function builtJson(built: BuiltRun | undefined): JsonObject | null {
  return built ? { runId: built.runId, url: built.url, endedAt: momentJson(built.endedAt) } : null
}

interface PlannedJobJson {
  job: string
  repository: string
  workflow: string
  needs: string[]
  action: string
  reason: string
  headSha: string | null
  usualMs: number | null
  /** The run that a fresh job rests on; null for all others. */
  built: JsonObject | null
}

interface PlanFields {
  branch: string
  statusContext: string
  setDigest: string
  link: string
  options: JsonObject
  jobs: readonly (JsonObject & PlannedJobJson)[]
  pullRequests: readonly JsonObject[]
  warnings: readonly string[]
}

/** What a plan is, in the words of the `started` event and of `orch plan --json`. */
export function planFieldsJson(plan: Plan, options: RunOptions): PlanFields {
  const graphJobs = new Map(plan.graph.jobs.map((job) => [job.id, job]))
  return {
    branch: plan.branch,
    statusContext: plan.graph.statusContext,
    setDigest: plan.setDigest,
    link: options.link,
    options: {
      failFast: options.failFast,
      maxParallel: options.maxParallel,
      timeoutMs: options.timeoutMs,
      postStatus: options.postStatus,
      only: options.only,
    },
    jobs: plan.jobs.map(({ job, action, reason, headSha, built, usualMs }) => ({
      job,
      repository: graphJobs.get(job)?.repo ?? '',
      workflow: graphJobs.get(job)?.workflow ?? '',
      needs: [...(graphJobs.get(job)?.needs ?? [])],
      action,
      reason,
      headSha,
      built: builtJson(built),
      usualMs: usualMs === undefined ? null : Math.round(usualMs),
    })),
    pullRequests: plan.members.flatMap(({ repo, headSha, pullRequests }) =>
      pullRequests.map((pullRequest) => ({ repository: repo, headSha, ...pullRequestJson(pullRequest) })),
    ),
    warnings: [...plan.warnings],
  }
}

function endJson(event: Extract<Event, { type: 'finished' }>, orchestration: Orchestration): JsonObject {
  return {
    outcome: event.outcome,
    reason: event.reason,
    isAuthFailure: event.auth,
    durationMs: event.at - orchestration.startedAt,
    jobs: [...orchestration.jobs].map(([job, state]) => {
      if (state.phase !== 'settled')
        return { job, outcome: null, reason: null, runId: null, url: null, durationMs: null }
      const durationMs = state.dispatchedAt === null ? null : state.settledAt - state.dispatchedAt
      return { job, outcome: state.outcome, reason: state.reason, runId: state.runId, url: state.url, durationMs }
    }),
    pullRequests: pullRequestFates(orchestration).map(({ repo, headSha, pullRequest, outcome: fate, detail }) => ({
      repository: repo,
      headSha,
      ...pullRequestJson(pullRequest),
      fate,
      detail,
    })),
  }
}

/** What one event says beyond its type and time. */
function fieldsOf(event: Event, orchestration: Orchestration): JsonObject {
  switch (event.type) {
    case 'started':
      return { ...planFieldsJson(orchestration.plan, orchestration.options) }
    case 'status-requested': {
      const { repo, headSha, round, state, description } = event
      return { repository: repo, headSha, round, state, description }
    }
    case 'status-posted': {
      const { id, state, description } = event.status
      return { repository: event.repo, headSha: event.headSha, round: event.round, statusId: id, state, description }
    }
    case 'status-failed': {
      const { repo, headSha, round, failure } = event
      return { repository: repo, headSha, round, failure: failureJson(failure) }
    }
    case 'status-withheld':
      return { repository: event.repo, headSha: event.headSha, round: event.round, reason: event.reason }
    case 'dispatch-requested':
      return { job: event.job, attempt: event.attempt }
    case 'dispatch-accepted':
    case 'run-adopted':
      return { job: event.job, attempt: event.attempt, runId: event.runId, url: event.url }
    case 'dispatch-refused':
    case 'dispatch-ambiguous':
      return { job: event.job, attempt: event.attempt, failure: failureJson(event.failure) }
    case 'run-observed':
      return { job: event.job, run: runJson(event.run) }
    case 'runs-listed':
      return { job: event.job, found: event.found.map(({ runId, url }) => ({ runId, url })) }
    case 'earlier-runs-listed':
      return { job: event.job, found: event.found.map(({ runId, url, conclusion }) => ({ runId, url, conclusion })) }
    case 'resumed':
      return {}
    case 'run-absent':
      return { job: event.job }
    case 'observation-failed':
    case 'listing-failed':
      return { job: event.job, failure: failureJson(event.failure) }
    case 'cancel-requested':
      return { job: event.job, runId: event.runId, reason: event.reason, force: event.force }
    case 'cancel-answered':
      return { job: event.job, runId: event.runId, result: event.result }
    case 'cancel-failed':
      return { job: event.job, runId: event.runId, failure: failureJson(event.failure) }
    case 'rerun-requested':
      return { job: event.job, runId: event.runId, fromAttempt: event.fromAttempt }
    case 'rerun-answered': {
      const { job, runId, result, failure } = event
      return { job, runId, result, failure: failure && failureJson(failure) }
    }
    case 'run-restarted':
      return { job: event.job, run: runJson(event.run) }
    case 'earlier-heads-locked':
      return {
        locked: event.locked.map(({ repo, headSha }) => ({ repository: repo, headSha })),
        failures: event.failures.map(failureJson),
      }
    case 'job-settled':
      return { job: event.job, outcome: event.outcome, reason: event.reason, built: builtJson(event.built) }
    case 'job-status-requested': {
      const { job, context, state, description } = event
      return { job, context, state, description }
    }
    case 'job-status-posted':
      return { job: event.job, context: event.status.context, state: event.status.state }
    case 'job-status-failed':
      return { job: event.job, failure: failureJson(event.failure) }
    case 'failure-explained': {
      const { job, explanation, failure } = event
      const where = explanation && explanationJson(explanation)
      return { job, explanation: where, failure: failure && failureJson(failure) }
    }
    case 'verified':
      return { stage: event.stage, ...verificationJson(event.result) }
    case 'suspended':
      return { failure: failureJson(event.failure) }
    case 'interrupted':
      return { signal: event.signal, cause: event.cause }
    case 'finished':
      return endJson(event, orchestration)
    default:
      return assertNever(event)
  }
}

/** One event as its line says it: config/schemas/run-events.schema.json. */
export function eventToJson(event: Event, orchestration: Orchestration): JsonObject {
  const head = { version: jsonVersion, type: event.type, at: momentJson(event.at), orchestration: orchestration.id }
  return { ...head, ...fieldsOf(event, orchestration) }
}

/** A pause, which is no event of the orchestration: nothing in the journal tells of it. `orchestration` is null before the first event. */
export function pauseToJson({ limit, at, until }: Pause, orchestration: string | null): JsonObject {
  const times = { at: momentJson(at), until: momentJson(until), waitMs: until - at }
  return { version: jsonVersion, type: 'paused', orchestration, limit, ...times }
}
