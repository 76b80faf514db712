import type { Result } from '../http/answer.js'
import { found, invalidRequest, refuse } from '../http/answer.js'
import type { Body } from '../http/body.js'
import { isObject, readFields } from '../http/body.js'
import type { CheckConclusion, CheckOutput, CheckRun, CheckStatus } from '../state/check-run.js'
import type { CheckRunInput } from './change-check-runs.js'

const STATUSES: readonly CheckStatus[] = ['queued', 'in_progress', 'completed']
const CONCLUSIONS: readonly CheckConclusion[] = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'timed_out',
]
/** GitHub's limits: the characters of a summary or a text, and the annotations of a request. */
const LONGEST_TEXT = 65_535
const MOST_ANNOTATIONS = 50

/**
 * Reads the body that creates a check run, whose name was read before, or that changes `present`. A conclusion completes the check run, and a status that is not `completed` takes
 * the conclusion back.
 */
export function readCheckRun(body: Body, now: number, present: CheckRun | null): Result<CheckRunInput> {
  const fields = readFields(body, {
    name: 'string?',
    details_url: 'string?',
    external_id: 'string?',
    status: 'string?',
    conclusion: 'string?',
    started_at: 'string?',
    completed_at: 'string?',
    output: 'object?',
  })
  if (!fields.ok) return fields
  const given = fields.value
  const state = readState(given, now, present)
  if (!state.ok) return state
  const startedAt = readTime('started_at', given.started_at)
  if (!startedAt.ok) return startedAt
  const output = given.output === undefined ? found(null) : readOutput(given.output)
  if (!output.ok) return output
  return found({
    name: given.name ?? present?.name ?? '',
    detailsUrl: given.details_url ?? present?.detailsUrl ?? null,
    externalId: given.external_id ?? present?.externalId ?? null,
    startedAt: startedAt.value ?? present?.startedAt ?? now,
    ...state.value,
    output: output.value?.output ?? present?.output ?? null,
    annotationsCount: (present?.annotationsCount ?? 0) + (output.value?.annotations ?? 0),
  })
}

type State = Pick<CheckRun, 'status' | 'conclusion' | 'completedAt'>

function readState(
  given: { status?: string | undefined; conclusion?: string | undefined; completed_at?: string | undefined },
  now: number,
  present: CheckRun | null,
): Result<State> {
  const completedAt = readTime('completed_at', given.completed_at)
  if (!completedAt.ok) return completedAt
  const status = given.status === undefined ? undefined : STATUSES.find((each) => each === given.status)
  if (given.status !== undefined && status === undefined) return notAllowed('status', given.status)
  const conclusion = CONCLUSIONS.find((each) => each === given.conclusion)
  if (given.conclusion !== undefined && conclusion === undefined) return notAllowed('conclusion', given.conclusion)
  if (conclusion !== undefined) {
    return found({ status: 'completed', conclusion, completedAt: completedAt.value ?? now })
  }
  const isCompleted = status === 'completed' || completedAt.value !== null
  if (isCompleted) return refuse(invalidRequest(`"conclusion" wasn't supplied.`))
  if (status !== undefined) return found({ status, conclusion: null, completedAt: null })
  return found({
    status: present?.status ?? 'queued',
    conclusion: present?.conclusion ?? null,
    completedAt: present?.completedAt ?? null,
  })
}

function notAllowed(name: string, value: string): ReturnType<typeof refuse> {
  return refuse(invalidRequest(`For 'properties/${name}', ${JSON.stringify(value)} is not a member of the list.`))
}

function readTime(name: string, text: string | undefined): Result<number | null> {
  if (text === undefined) return found(null)
  const time = Date.parse(text)
  const isTime = /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(time)
  return isTime
    ? found(time)
    : refuse(invalidRequest(`For 'properties/${name}', ${JSON.stringify(text)} is not a valid date-time.`))
}

function readOutput(body: Body): Result<{ output: CheckOutput; annotations: number }> {
  const fields = readFields(body, { title: 'string', summary: 'string', text: 'string?', annotations: 'array?' })
  if (!fields.ok) return fields
  const { title, summary, text = null, annotations = [] } = fields.value
  const longest = Math.max(summary.length, text?.length ?? 0)
  if (longest > LONGEST_TEXT) {
    return refuse(invalidRequest(`Only ${LONGEST_TEXT} characters are allowed; ${longest} were supplied.`))
  }
  if (annotations.length > MOST_ANNOTATIONS) {
    const problem = `No more than ${MOST_ANNOTATIONS} items are allowed; ${annotations.length} were supplied.`
    return refuse(invalidRequest(problem))
  }
  const isComplete = annotations.every((each) => isObject(each) && typeof each.path === 'string' && each.message)
  if (!isComplete) return refuse(invalidRequest(`"path" or "message" of an annotation wasn't supplied.`))
  return found({ output: { title, summary, text }, annotations: annotations.length })
}
