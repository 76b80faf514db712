import type { Failure } from '../../model/failure.js'
import { sanitize } from '../../lib/sanitize.js'
import { asSentence, remedyOfFailure } from './remedies.js'
import { paint } from '../paint.js'
import type { ViewOptions } from '../style.js'

const reasons: Record<Failure['kind'], string> = {
  unauthorized: 'GitHub does not accept this token, or there is none',
  forbidden: 'GitHub does not let this token do it',
  blocked: 'GitHub refuses it for a reason that is not a missing permission',
  'not-found': 'GitHub has no such resource, or this token cannot see it',
  renamed: 'the repository was renamed',
  archived: 'the repository is archived and read-only',
  'rate-limited': "GitHub's rate limit is used up",
  'invalid-request': 'GitHub understood the request and refused it',
  'server-error': 'GitHub had an internal error',
  network: 'GitHub could not be reached',
  timeout: 'GitHub did not answer in time',
  'unexpected-answer': 'the answer is not what GitHub documents',
}

function why(failure: Failure): string {
  const status = failure.httpStatus === undefined ? '' : ` (HTTP ${failure.httpStatus})`
  const where = failure.repo === undefined ? '' : ` in ${sanitize(failure.repo)}`
  const permission = failure.permission === undefined ? '' : `: ${sanitize(failure.permission)}${where}`
  const reason = permission === '' ? reasons[failure.kind] : 'the token lacks a permission'
  return `${reason}${permission}${status}`
}

/** A failure for stderr in three lines: what happened, why, what to do. Lines are never cut. */
export function renderFailure(failure: Failure, options: Pick<ViewOptions, 'color'>): string {
  const name = failure.repo === undefined || failure.message.includes(failure.repo) ? '' : `${sanitize(failure.repo)}: `
  const lines = [
    `${paint('error:', 'red', options)} ${name}${sanitize(failure.message)}`,
    `  why: ${why(failure)}`,
    `  what to do: ${sanitize(failure.remedy ?? asSentence(remedyOfFailure(failure)))}`,
  ]
  return `${lines.join('\n')}\n`
}
