import type { FlowRunJson } from '../../../client/index.js'
import { exitCodes } from '../../output/exit-codes.js'
import type { ExitCode } from '../../output/exit-codes.js'

/** Not successful where a run has ended and needs attention or was cancelled. One that has not ended is the service's to finish. */
export function exitCodeOfRuns(runs: readonly Pick<FlowRunJson, 'needsAttention' | 'status'>[]): ExitCode {
  const isSuccess = runs.every(({ needsAttention, status }) => !needsAttention && status !== 'cancelled')
  return isSuccess ? exitCodes.success : exitCodes.notSuccessful
}
