import { assertNever } from '../../lib/assert-never.js'
import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { JobState } from '../../model/build/state/job-state.js'
import type { JoiningMember, VerificationResult } from '../../model/build/state/verification.js'
import { jsonVersion } from '../../model/wire/common.js'
import type { PullRequestResultJson } from '../../model/wire/common.js'
import type { EventLine } from '../../model/wire/event-line.js'
import type {
  EndedJobJson,
  EventJson,
  JoinedJson,
  PausedJson,
  VerifiedJson,
  VerifiedLine,
} from '../../model/wire/run-events.js'
import type { Pause } from '../../ports/pause.js'
import { pullRequestResults } from '../views/pull-request-results.js'
import { failureJson, mergeBlockerJson, pullRequestJson, toTimestamp } from './common-json.js'
import type { EventPresenter, EventPresenters } from './event-presenter.js'
import { jobEventPresenters } from './job-event-json.js'
import { planContentJson } from './plan-json.js'
import { statusEventPresenters } from './status-event-json.js'

const presenters: EventPresenters<Event['type']> = {
  ...statusEventPresenters,
  ...jobEventPresenters,
  started: (line, _event, { plan, options }) => ({ ...line, ...planContentJson(plan, options) }),
  verified: (line, { stage, result }) => verificationJson({ ...line, stage }, result),
  'earlier-heads-locked': (line, { locked, failures }) => ({
    ...line,
    locked: locked.map(({ repo, headSha }) => ({ repository: repo, headSha })),
    failures: failures.map(failureJson),
  }),
  suspended: (line, { failure }) => ({ ...line, failure: failureJson(failure) }),
  interrupted: (line, { signal, cause }) => ({ ...line, signal, cause }),
  resumed: (line) => line,
  finished: (line, { outcome, reason, auth, at }, orchestration) => ({
    ...line,
    outcome,
    reason,
    isAuthFailure: auth,
    durationMs: at - orchestration.startedAt,
    jobs: [...orchestration.jobs].map(([job, state]) => endedJobJson(job, state)),
    pullRequests: pullRequestResultsJson(orchestration),
  }),
}

/** One event as a line of `orch run --json`. */
export function eventToJson(event: Event, orchestration: Orchestration): EventJson {
  const line: EventLine<Event['type']> = {
    version: jsonVersion,
    type: event.type,
    at: toTimestamp(event.at),
    orchestration: orchestration.id,
  }
  // The presenter and the line are those of the event's own type, which the compiler cannot follow through a table.
  const present = presenters[event.type] as EventPresenter<Event['type']>
  return present(line, event, orchestration)
}

/** A pause as a line of `orch run --json`; `orchestration` is null before the first event. */
export function pauseToJson({ limit, at, until }: Pause, orchestration: string | null): PausedJson {
  const times = { at: toTimestamp(at), until: toTimestamp(until), waitMs: until - at }
  return { version: jsonVersion, type: 'paused', orchestration, limit, ...times }
}

/** Every pull request of the change and what the orchestration did to it. */
export function pullRequestResultsJson(orchestration: Orchestration): PullRequestResultJson[] {
  return pullRequestResults(orchestration).map(({ repo, headSha, pullRequest, outcome, detail }) => ({
    repository: repo,
    headSha,
    ...pullRequestJson(pullRequest),
    fate: outcome,
    detail,
  }))
}

function verificationJson(line: VerifiedLine, result: VerificationResult): VerifiedJson {
  switch (result.kind) {
    case 'unchanged':
    case 'moved': {
      const findings = result.kind === 'moved' ? result.findings : result.merged
      const list = findings.map(({ kind, repo, message }) => ({ kind, repository: repo, message }))
      return { ...line, result: result.kind, findings: list }
    }
    case 'blocked':
      return { ...line, result: result.kind, blockers: result.blockers.map(mergeBlockerJson) }
    case 'joined':
      return { ...line, result: result.kind, ...joinedJson(result.members) }
    case 'unsettled':
      return { ...line, result: result.kind, reason: result.reason }
    case 'overtaken':
      return { ...line, result: result.kind, repositories: result.repos, by: result.by }
    case 'unreadable':
      return { ...line, result: result.kind, failure: failureJson(result.failure) }
    default:
      return assertNever(result)
  }
}

function joinedJson(members: readonly JoiningMember[]): Pick<JoinedJson, 'pullRequests' | 'replaced'> {
  return {
    pullRequests: members.flatMap(({ repo, pullRequests }) =>
      pullRequests.map((pullRequest) => ({
        repository: repo,
        headSha: pullRequest.headSha,
        ...pullRequestJson(pullRequest),
      })),
    ),
    replaced: members.flatMap(({ repo, replaced }) => replaced.map((number) => ({ repository: repo, number }))),
  }
}

function endedJobJson(job: string, state: JobState): EndedJobJson {
  if (state.phase !== 'settled') return { job, outcome: null, reason: null, runId: null, url: null, durationMs: null }
  const { outcome, reason, runId, url, dispatchedAt, settledAt } = state
  return { job, outcome, reason, runId, url, durationMs: dispatchedAt === null ? null : settledAt - dispatchedAt }
}
