import type { Problem, ProblemKind } from '../../app/problem.js'
import { renderFailure } from '../../report/views/failure-view.js'
import { sanitize } from '../../lib/sanitize.js'
import { paint } from '../../report/paint.js'
import { exitCodes } from './exit-codes.js'
import type { ExitCode } from './exit-codes.js'

/** A problem for stderr; ends with a newline. */
export function renderProblem(problem: Problem, options: { color: boolean }): string {
  const text = ownText(problem)
  if (text !== undefined) return text
  const lines = [
    `${paint('error:', 'red', options)} ${sanitize(problem.message)}`,
    `  why: ${sanitize(problem.why)}`,
    `  what to do: ${sanitize(problem.remedy)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** A problem in one paragraph, for an annotation of GitHub Actions. Not sanitized. */
export function problemParagraph(problem: Problem): string {
  return ownText(problem) ?? `${problem.message}: ${problem.why}`
}

function ownText({ failure, text }: Problem): string | undefined {
  return failure ? renderFailure(failure, { color: false }) : text
}

const exitCodeByKind: Record<ProblemKind, ExitCode> = {
  usage: exitCodes.usage,
  auth: exitCodes.authentication,
  failed: exitCodes.notSuccessful,
  pending: exitCodes.pending,
  interrupted: exitCodes.interrupted,
  superseded: exitCodes.notSuccessful,
}

/**
 * The exit code for several problems: that of their kind if all have the same, else that of a missing permission, which explains the others,
 * else failure.
 */
export function exitCodeFor(problems: readonly Problem[]): ExitCode {
  const kinds = [...new Set(problems.map(({ kind }) => kind))]
  const [only] = kinds
  if (only !== undefined && kinds.length === 1) return exitCodeByKind[only]
  return kinds.includes('auth') ? exitCodes.authentication : exitCodes.notSuccessful
}
