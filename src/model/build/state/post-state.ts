import type { ListedStatus } from '../../change.js'
import type { Failure } from '../../failure.js'

/**
 * Why a head gets a status of ours: `claim` locks it before the first dispatch; `success` unlocks it; `closing` reports an end without
 * success; `revoke` takes a success back.
 */
export const postRounds = ['claim', 'success', 'closing', 'revoke'] as const
export type PostRound = (typeof postRounds)[number]

/** A post that failed with a transient failure and is repeated. All times are ms, UTC. */
export interface PostRepetition {
  /** When the first of the failures in a row occurred. */
  since: number
  count: number
  failedAt: number
  nextAt: number
}

/** The status of one head in one round. `repetition` is absent while no post of the round failed. */
export type PostState =
  /** The intent is journaled; GitHub's answer is not. `isOrphaned`: the process that sent it ended, so that no answer will come. */
  | { phase: 'requested'; at: number; isOrphaned: boolean; repetition?: PostRepetition }
  /** GitHub has it. `isOvertaken`: an older orchestration posted on the head after this claim, so that the head is claimed again. */
  | { phase: 'posted'; status: ListedStatus; isOvertaken: boolean; repetition?: PostRepetition }
  /** It could not be posted. Without `repetition` it is not posted again. GitHub may have accepted it nevertheless. */
  | { phase: 'failed'; failure: Failure; repetition?: PostRepetition }
  /** It was not posted, because the newest status on the head was not ours any more. */
  | { phase: 'withheld'; reason: string }

/** The statuses of one head, by round. */
export type PostsOfHead = Readonly<Partial<Record<PostRound, PostState>>>
