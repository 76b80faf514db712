import type { Failure } from '../model/failure.js'
import { isAuthFailure } from '../model/failure.js'
import { renderFailure } from '../report/views/failure-view.js'
import { sanitize } from '../lib/sanitize.js'
import { paint } from '../report/style.js'
import { exitCodes } from './exit-codes.js'
import type { ExitCode } from './exit-codes.js'

/** Why a command stops before it did what was asked, told in three lines. */
export interface CommandProblem {
  exitCode: ExitCode
  /** What happened, without a final full stop. */
  message: string
  why: string
  /** What to do. */
  remedy: string
  /** Ready text that stands instead of the three lines, such as a list of places in the graph file. */
  text?: string
}

export type Result<T> = { ok: true; value: T } | { ok: false; problems: readonly CommandProblem[] }

/** One problem as a result. */
export function stop(problem: CommandProblem): { ok: false; problems: readonly CommandProblem[] } {
  return { ok: false, problems: [problem] }
}

/** A wrong use of the command. */
export function usageProblem(message: string, why: string, remedy: string): CommandProblem {
  return { exitCode: exitCodes.usage, message, why, remedy }
}

/** A request to GitHub that failed. */
export function failureProblem(failure: Failure): CommandProblem {
  const exitCode = isAuthFailure(failure) ? exitCodes.authentication : exitCodes.notSuccessful
  const text = renderFailure(failure, { color: false })
  return { exitCode, message: failure.message, why: '', remedy: failure.remedy ?? '', text }
}

/** A setting that keeps every request from being sent; GitHub had no part in it. */
export function settingProblem(failure: Failure, why: string): CommandProblem {
  const { exitCode, message, remedy } = failureProblem(failure)
  return { exitCode, message, why, remedy }
}

/** A problem for stderr; ends with a newline. */
export function renderProblem(problem: CommandProblem, options: { color: boolean }): string {
  if (problem.text !== undefined) return problem.text
  const lines = [
    `${paint('error:', 'red', options)} ${sanitize(problem.message)}`,
    `  why: ${sanitize(problem.why)}`,
    `  what to do: ${sanitize(problem.remedy)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** The code for several problems: a lacking permission explains the others, then a wrong use. */
export function exitCodeFor(problems: readonly CommandProblem[]): ExitCode {
  const codes = problems.map(({ exitCode }) => exitCode)
  if (codes.includes(exitCodes.authentication)) return exitCodes.authentication
  return codes.every((code) => code === exitCodes.usage) ? exitCodes.usage : exitCodes.notSuccessful
}
