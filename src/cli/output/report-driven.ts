import type { Driven } from '../../app/run/drive-to-end.js'
import type { Stopped } from '../../app/problem.js'
import { assertNever } from '../../lib/assert-never.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import type { ExitCode } from './exit-codes.js'
import type { Messages } from './messages.js'

/** Reports the problem that kept an orchestration from being driven; returns the exit code of the command that drives it. */
export function reportDriven(messages: Messages, result: Driven | Stopped): ExitCode {
  switch (result.kind) {
    case 'ended':
      return exitCodeOf(result.orchestration.ending)
    case 'suspended':
      return exitCodes.authentication
    case 'handed-over':
      throw new Error('a command hands nothing over')
    case 'stopped':
      return messages.reportProblems(result.problems)
    default:
      return assertNever(result)
  }
}
