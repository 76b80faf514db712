import type { Ending } from '../../model/build/orchestration.js'

/** The one table of exit codes (docs/exit-codes.md). 4 and 8 are those of `gh`. */
export const exitCodes = {
  /** Everything succeeded. */
  success: 0,
  /** The command finished, but not successfully: a build failed, something moved, or something is not known. */
  notSuccessful: 1,
  /** The request is wrong: an unknown flag, a bad branch, a mistake in the graph file. */
  usage: 2,
  /** Another token would help: it is missing, was refused, or lacks a permission. */
  authentication: 4,
  /** Some pull requests of the change were merged, and the others moved. */
  partiallyMerged: 5,
  /** The change is not green yet, and nothing shows that it failed; every build succeeded, but the set cannot be merged yet. */
  pending: 8,
  /** SIGINT or SIGTERM ended the command. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The exit code for an ending. */
export function exitCodeOf({ outcome, auth }: Ending): ExitCode {
  switch (outcome) {
    case 'succeeded':
      return exitCodes.success
    case 'partially-merged':
      return exitCodes.partiallyMerged
    case 'held':
      return exitCodes.pending
    case 'cancelled':
      return exitCodes.interrupted
    case 'failed':
    case 'unknown':
    case 'timed-out':
    case 'superseded':
      return auth ? exitCodes.authentication : exitCodes.notSuccessful
  }
}
