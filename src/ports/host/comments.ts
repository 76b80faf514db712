import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** A comment on a pull request, outside its diff. */
export interface Comment {
  id: number
  /** Page for people. */
  url: string
  /** Login of its author; empty: GitHub does not return it. */
  author: string
  /** Untrusted Markdown. */
  body: string
}

/** GitHub's reactions that orch gives: seen, accepted, refused, not understood. */
export type Reaction = 'eyes' | 'rocket' | '-1' | 'confused'

/** The branch that a pull request wants to merge. */
export interface PullRequestHead {
  state: 'open' | 'closed'
  headRef: string
  headSha: string
  /** The branch is in another repository, or in a deleted one (law 4). */
  isFork: boolean
}

/** Reads and writes comments on pull requests. Expected failures are values; a rejection is a bug. */
export interface Comments {
  /** The comments of a pull request, oldest first. */
  listComments(repo: RepoName, number: number): Promise<Read<Comment[]>>
  /** Writes a comment. Sent once, and again only after a rate limit: after a failure it may exist. */
  createComment(comment: { repo: RepoName; number: number; body: string }): Promise<Read<Comment>>
  /** Replaces the text of a comment; safe to repeat. */
  updateComment(comment: { repo: RepoName; id: number; body: string }): Promise<Read<Comment>>
  /** Reacts to a comment; safe to repeat, because GitHub keeps one reaction of each kind and person. */
  react(reaction: { repo: RepoName; commentId: number; content: Reaction }): Promise<Read<null>>
  /** Reads the branch of a pull request, open or not. */
  readPullRequestHead(repo: RepoName, number: number): Promise<Read<PullRequestHead>>
}
