import type { IssueComment } from '../state/comment.js'
import type { Repository } from '../state/model.js'

/** Returns the comments of a pull request, oldest first. */
export function commentsOf(repository: Repository, number: number): IssueComment[] {
  return [...repository.comments.values()].filter((comment) => comment.number === number)
}
