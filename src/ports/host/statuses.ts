import type { EarlierStatus, ListedStatus, StatusState } from '../../model/change.js'
import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'
import type { WriteOptions } from './write-options.js'

/**
 * `failed`: GitHub may have accepted it nevertheless. `retryAfterMs`: the wait that GitHub requests before it is sent again; absent: it names
 * none. `withheld`: `beforeSend` resolved to false, and nothing was sent.
 */
export type PostResult =
  | { kind: 'posted'; status: ListedStatus }
  | { kind: 'failed'; failure: Failure; retryAfterMs?: number }
  | { kind: 'withheld' }

export interface PostOptions extends WriteOptions {
  /**
   * How often the post is sent if it keeps failing with a transient failure; absent: 3. A caller that repeats it itself, because it
   * must read the newest status in between, sets 1.
   */
  maxTries?: number
}

/** A commit status to post. */
export interface StatusPost {
  repo: RepoName
  headSha: string
  context: string
  state: StatusState
  /** 140 characters at most. */
  description: string
  targetUrl: string
}

/** Reads and posts commit statuses. Expected failures are values; a rejection is a bug. */
export interface Statuses {
  /**
   * Posts a commit status; safe to repeat.
   * @param beforeSend awaited each time the limiter lets a request go, also a repeated one; if it resolves to false, nothing is sent
   */
  postStatus(post: StatusPost, options: PostOptions, beforeSend: () => Promise<boolean>): Promise<PostResult>
  /**
   * The statuses of one context on a commit, newest first: all of them, or only the newest, or at least all that were created at
   * `downTo` (ms, UTC) or later.
   */
  listStatuses(query: {
    repo: RepoName
    headSha: string
    context: string
    downTo?: number
    newestOnly?: boolean
  }): Promise<Read<ListedStatus[]>>
  /**
   * The newest status of the context on each earlier head of the branch that has one: heads of the latest pushes, and those in `known`.
   * Heads of open pull requests are excluded.
   */
  readEarlierStatuses(query: {
    branch: string
    statusContext: string
    repositories: readonly { repo: RepoName; known: readonly string[] }[]
  }): Promise<{ repo: RepoName; read: Read<EarlierStatus[]> }[]>
}
