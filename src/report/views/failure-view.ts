import type { Failure } from '../../model/failure.js'
import { sanitize } from '../../lib/sanitize.js'
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

const remedies: Record<Failure['kind'], string> = {
  unauthorized: 'Set a valid token for this host: see docs/authentication.md.',
  forbidden: 'Give the token the permission, or use one that has it.',
  blocked: "Do what GitHub's message asks for.",
  'not-found': "Check the name, and that the token's owner may read it.",
  renamed: 'Write the new name in the graph file.',
  archived: 'Remove the repository from the graph file, or unarchive it.',
  'rate-limited': 'Wait until the limit resets, or use another token.',
  'invalid-request': 'Correct the request as the message says.',
  'server-error': 'Try again; see https://www.githubstatus.com for outages.',
  network: 'Check the connection and HTTPS_PROXY, then try again.',
  timeout: 'Try again; see https://www.githubstatus.com for outages.',
  'unexpected-answer': 'Check that the address is that of GitHub and that no proxy answers instead.',
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
    `  what to do: ${sanitize(failure.remedy ?? remedies[failure.kind])}`,
  ]
  return `${lines.join('\n')}\n`
}
