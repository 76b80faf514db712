import type { RepoName } from '../../model/repo-name.js'
import type { Comment, Comments } from '../../ports/host/comments.js'
import type { Changes } from '../../ports/host/changes.js'
import type { Read } from '../../ports/host/read.js'
import { commentMarker } from './comment-text.js'

export interface StatusCommentsOptions {
  host: Pick<Comments, 'listComments' | 'createComment' | 'updateComment'> & Pick<Changes, 'login'>
  statusContext: string
}

/** The one comment of the service on each pull request. */
export interface StatusComments {
  /** Replaces the text of the comment, or writes it. `body` begins with the marker. */
  write: (pullRequest: { repo: RepoName; number: number }, body: string) => Promise<Read<Comment>>
}

/** Two writes on one pull request are done one after the other, so that the second one finds the comment of the first. */
export function createStatusComments({ host, statusContext }: StatusCommentsOptions): StatusComments {
  const marker = commentMarker(statusContext)
  const writing = new Map<string, Promise<unknown>>()
  const write = async (repo: RepoName, number: number, body: string): Promise<Read<Comment>> => {
    const login = await host.login(repo)
    if (!login.ok) return login
    const comments = await host.listComments(repo, number)
    if (!comments.ok) return comments
    // Anybody can write the marker: only the own comment is the one. The oldest counts, should there be several.
    const isOwn = ({ author }: Comment): boolean => author.toLowerCase() === login.value?.toLowerCase()
    const known = comments.value.find((comment) => isOwn(comment) && comment.body.startsWith(marker))
    return known ? host.updateComment({ repo, id: known.id, body }) : host.createComment({ repo, number, body })
  }
  return {
    write: ({ repo, number }, body) => {
      const key = `${repo.toLowerCase()}#${number}`
      const before = writing.get(key) ?? Promise.resolve()
      const written = before.then(() => write(repo, number, body))
      // A failed write does not keep the next one from being tried.
      const settled = written
        .catch(() => undefined)
        .then(() => {
          if (writing.get(key) === settled) writing.delete(key)
        })
      writing.set(key, settled)
      return written
    },
  }
}
