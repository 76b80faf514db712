import type { Driven } from '../../app/run/drive-to-end.js'
import type { Stopped } from '../../app/problem.js'
import { assertNever } from '../../lib/assert-never.js'
import { exitCodeOf, exitCodes } from '../exit-codes.js'
import type { ExitCode } from '../exit-codes.js'
import type { Messages } from '../terminal-messages.js'

/** Reports what stopped an orchestration from being driven; returns the exit code of a command that drives one. */
export function reportDriven(messages: Messages, result: Driven | Stopped): ExitCode {
  switch (result.kind) {
    case 'ended':
      return exitCodeOf(result.orchestration.ending)
    case 'suspended':
      return exitCodes.authentication
    case 'stopped':
      return messages.reportProblems(result.problems)
    default:
      return assertNever(result)
  }
}
