import type { ListedStatus } from '../../change.js'
import type { Failure } from '../../failure.js'

/**
 * Why a head gets a status of ours: `claim` locks it before the first dispatch; `success` unlocks it; `closing` reports an end without
 * success; `revoke` takes a success back.
 */
export const postRounds = ['claim', 'success', 'closing', 'revoke'] as const
export type PostRound = (typeof postRounds)[number]

/** The status of one head in one round. */
export type PostState =
  /** The intent is journaled; GitHub's answer is not. `isOrphaned`: the process that sent it ended, so that no answer will come. */
  | { phase: 'requested'; at: number; isOrphaned: boolean }
  /** GitHub has it. `isOvertaken`: an older orchestration posted on the head after this claim, so that the head is claimed again. */
  | { phase: 'posted'; status: ListedStatus; isOvertaken: boolean }
  /** It could not be posted. */
  | { phase: 'failed'; failure: Failure }
  /** It was not posted, because the newest status on the head was not ours any more. */
  | { phase: 'withheld'; reason: string }

/** The statuses of one head, by round. */
export type PostsOfHead = Readonly<Partial<Record<PostRound, PostState>>>
