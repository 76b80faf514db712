import type { RepoName } from '../../model/repo-name.js'
import type { Comment, PullRequestHead, Reaction } from '../../ports/host/comments.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { count, field, optional, text, textOrEmpty } from '../api/fields.js'
import { toLogin } from '../api/payload.js'
import { needs, serviceNeeds } from '../api/permissions.js'
import { interpret, listOf, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** GET /repos/{owner}/{repo}/issues/{issue_number}/comments: oldest first. */
export async function listComments(requests: Requests, repo: RepoName, number: number): Promise<Read<Comment[]>> {
  const read = await requests.getPages(
    {
      repo,
      need: serviceNeeds.readComments,
      thing: `the comments of pull request #${number} of ${repo}`,
      isPlural: true,
      path: repoPath(repo, 'issues', number, 'comments'),
    },
    listOf(toComment),
  )
  // A comment may come twice when pages shift while they are read.
  return read.ok ? { ok: true, value: [...new Map(read.value.map((each) => [each.id, each])).values()] } : read
}

/** POST /repos/{owner}/{repo}/issues/{issue_number}/comments */
export async function createComment(
  requests: Requests,
  { repo, number, body }: { repo: RepoName; number: number; body: string },
): Promise<Read<Comment>> {
  const ask: Ask = {
    repo,
    need: serviceNeeds.comment,
    thing: `pull request #${number} of ${repo}`,
    path: repoPath(repo, 'issues', number, 'comments'),
    parameters: { body },
  }
  return interpret(ask, await requests.post(ask, { lane: 'job-status', repeat: 'limits' }), toComment)
}

/** PATCH /repos/{owner}/{repo}/issues/comments/{comment_id} */
export async function updateComment(
  requests: Requests,
  { repo, id, body }: { repo: RepoName; id: number; body: string },
): Promise<Read<Comment>> {
  const path = repoPath(repo, 'issues', 'comments', id)
  const ask: Ask = { repo, need: serviceNeeds.comment, thing: `comment ${id} of ${repo}`, path, parameters: { body } }
  return interpret(ask, await requests.patch(ask, { lane: 'job-status', repeat: 'failures' }), toComment)
}

/** POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions: 201, or 200 where it exists already. */
export async function react(
  requests: Requests,
  { repo, commentId, content }: { repo: RepoName; commentId: number; content: Reaction },
): Promise<Read<null>> {
  const path = repoPath(repo, 'issues', 'comments', commentId, 'reactions')
  const thing = `comment ${commentId} of ${repo}`
  const ask: Ask = { repo, need: serviceNeeds.comment, thing, path, parameters: { content } }
  return interpret(ask, await requests.post(ask, { lane: 'job-status', repeat: 'failures' }), () => null)
}

/** GET /repos/{owner}/{repo}/pulls/{pull_number} */
export async function readPullRequestHead(
  requests: Requests,
  repo: RepoName,
  number: number,
): Promise<Read<PullRequestHead>> {
  const path = repoPath(repo, 'pulls', number)
  const ask: Ask = { repo, need: needs.readPullRequests, thing: `pull request #${number} of ${repo}`, path }
  return interpret(ask, await requests.get(ask), toPullRequestHead)
}

function toComment(payload: unknown): Comment {
  const author = optional(payload, 'user') ?? null
  return {
    id: count(payload, 'id'),
    url: text(payload, 'html_url'),
    author: author === null ? '' : toLogin(author),
    body: textOrEmpty(payload, 'body'),
  }
}

function toPullRequestHead(payload: unknown): PullRequestHead {
  const head = field(payload, 'head')
  // Unlike the documented type, the repository is null once a fork is deleted.
  const from = field(head, 'repo')
  const to = field(field(payload, 'base'), 'repo')
  return {
    state: text(payload, 'state') === 'open' ? 'open' : 'closed',
    headRef: text(head, 'ref'),
    headSha: text(head, 'sha'),
    isFork: from === null || count(from, 'id') !== count(to, 'id'),
  }
}
