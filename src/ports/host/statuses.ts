import type { EarlierStatus, ListedStatus, StatusState } from '../../model/change.js'
import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'
import type { WriteOptions } from './write-options.js'

/** `withheld`: `beforeSend` said no, so that nothing was sent. */
export type PostResult =
  { kind: 'posted'; status: ListedStatus } | { kind: 'failed'; failure: Failure } | { kind: 'withheld' }

export interface StatusPost {
  repo: RepoName
  headSha: string
  context: string
  state: StatusState
  /** 140 characters at most. */
  description: string
  targetUrl: string
}

/** Reads and posts commit statuses. Expected failures are values; nothing here rejects but for bugs. */
export interface Statuses {
  /**
   * Posts a commit status; safe to repeat.
   * @param beforeSend awaited each time the limiter lets a request go (also a repeated one); when it resolves to false, nothing is sent.
   */
  postStatus(post: StatusPost, options: WriteOptions, beforeSend: () => Promise<boolean>): Promise<PostResult>
  /**
   * Statuses of one context on a commit, newest first: all of them, or the newest alone, or at least all that were created at
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
   * The newest status of the context on each commit that was the head of the branch before and has one: of the latest pushes, and of
   * those in `known`. Heads of open pull requests are left out.
   */
  readEarlierStatuses(query: {
    branch: string
    statusContext: string
    repositories: readonly { repo: RepoName; known: readonly string[] }[]
  }): Promise<{ repo: RepoName; read: Read<EarlierStatus[]> }[]>
}
