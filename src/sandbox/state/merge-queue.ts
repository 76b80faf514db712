/** The merge queues of repositories as plain values. Times are in ms, UTC. */

/** A pull request that waits to be merged by the merge queue of its base branch. */
export interface QueueEntry {
  id: number
  pullNumber: number
  /** The head with which it was added; another one removes it. */
  headSha: string
  enqueuerId: number
  enqueuedAt: number
  /** It was added to the front. */
  jump: boolean
  /** Null: its checks were not requested yet. */
  group: MergeGroup | null
}

/** A commit that merges an entry into what the queue merges before it. */
export interface MergeGroup {
  headSha: string
  /** The full name of the temporary branch. */
  headRef: string
  baseSha: string
  createdAt: number
}

/** Why an entry left the queue, in the words of the webhook `pull_request` with the action `dequeued`. */
export type RemovalReason =
  | 'UNKNOWN_REMOVAL_REASON'
  | 'MANUAL'
  | 'MERGE'
  | 'MERGE_CONFLICT'
  | 'CI_FAILURE'
  | 'CI_TIMEOUT'
  | 'ALREADY_MERGED'
  | 'QUEUE_CLEARED'
