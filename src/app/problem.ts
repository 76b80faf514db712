import type { Failure } from '../model/failure.js'
import { isAuthFailure } from '../model/failure.js'

/**
 * The reason why a use case stopped before it had done the request.
 *
 * - `usage`: the request is wrong: an unknown job, a bad branch, a mistake in the graph file.
 * - `auth`: another token would help: it is missing, was refused, or lacks a permission.
 * - `failed`: something else went wrong.
 * - `pending`: it has not ended yet, and nothing says that it failed.
 * - `interrupted`: the user stopped it.
 * - `superseded`: the change moved since the request was decided, so nothing was done.
 */
export type ProblemKind = 'usage' | 'auth' | 'failed' | 'pending' | 'interrupted' | 'superseded'

export interface Problem {
  kind: ProblemKind
  /** The error, without a final full stop. */
  message: string
  why: string
  /** The remedy. */
  remedy: string
  /** The GitHub request that failed; left out: none did. */
  failure?: Failure
  /** Shown instead of message, why and remedy, such as a list of places in the graph file. */
  text?: string
}

export type Result<T> = { ok: true; value: T } | { ok: false; problems: readonly Problem[] }

/** The result of a use case that did not do its request. */
export interface Stopped {
  kind: 'stopped'
  problems: readonly Problem[]
}

/** One problem as a result. */
export function stop(problem: Problem): { ok: false; problems: readonly Problem[] } {
  return { ok: false, problems: [problem] }
}

export function usageProblem(message: string, why: string, remedy: string): Problem {
  return { kind: 'usage', message, why, remedy }
}

/** A request to GitHub that failed. */
export function failureProblem(failure: Failure): Problem {
  return { ...settingProblem(failure, ''), failure }
}

/** A setting that keeps every request from being sent. */
export function settingProblem(failure: Failure, why: string): Problem {
  const kind = isAuthFailure(failure) ? 'auth' : 'failed'
  return { kind, message: failure.message, why, remedy: failure.remedy ?? '' }
}
