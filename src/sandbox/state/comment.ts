/** Comments of pull requests as plain values. Times are in ms, UTC. */

export type ReactionContent = '+1' | '-1' | 'laugh' | 'confused' | 'heart' | 'hooray' | 'rocket' | 'eyes'

export interface Reaction {
  id: number
  content: ReactionContent
  userId: number
  createdAt: number
}

export interface IssueComment {
  id: number
  /** The number of the pull request. */
  number: number
  authorId: number
  /** The App by whose token it was written, or null. */
  appId: number | null
  body: string
  createdAt: number
  updatedAt: number
  reactions: Reaction[]
}
