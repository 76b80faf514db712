import type { Check, CheckId } from '../../model/check.js'
import type { Failure } from '../../model/failure.js'
import { isTransientFailure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'

/** Something that is not right, or not known. */
export interface Finding {
  status: Exclude<Check['status'], 'ok'>
  message: string
  fix: string | null
}

export function ok(id: CheckId, message: string, repository: RepoName | null = null): Check {
  return { id, repository, status: 'ok', message, fix: null }
}

export function found(id: CheckId, finding: Finding, repository: RepoName | null = null): Check {
  return { id, repository, ...finding }
}

/** A request that failed: what it was for is not known if GitHub could not be asked, and fails if GitHub refused it. */
export function failureFinding(failure: Failure): Finding {
  const isUnknown = isTransientFailure(failure) || ['rate-limited', 'unexpected-answer'].includes(failure.kind)
  const fix = failure.remedy === undefined ? null : sentence(failure.remedy)
  return { status: isUnknown ? 'unknown' : 'failed', message: failure.message, fix }
}

/** From the worst. */
const ranks: readonly Finding['status'][] = ['failed', 'unknown', 'warning']

/** The answer to one question about one repository: all findings together, with the worst status; without any, it is right. */
export function concluded(
  id: CheckId,
  repository: RepoName | null,
  findings: readonly Finding[],
  okMessage: string,
): Check {
  const status = ranks.find((rank) => findings.some((finding) => finding.status === rank))
  if (status === undefined) return ok(id, okMessage, repository)
  const fixes = new Set(findings.flatMap(({ fix }) => fix ?? []))
  const messages = new Set(findings.map(({ message }) => message))
  return {
    id,
    repository,
    status,
    message: [...messages].join('; '),
    fix: fixes.size > 0 ? [...fixes].join(' ') : null,
  }
}

/** Remedies of failures are clauses. */
function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.?!]$/u.test(capital) ? capital : `${capital}.`
}
