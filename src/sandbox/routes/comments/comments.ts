import { addComment, deleteComment, editComment } from '../../comments/change-comments.js'
import { commentsOf } from '../../comments/find-comments.js'
import { isPermitted } from '../../http/access.js'
import type { Answer, Result } from '../../http/answer.js'
import { created, empty, failure, found, invalid, json, notFound, refuse } from '../../http/answer.js'
import type { Body } from '../../http/body.js'
import { readFields } from '../../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../../http/call.js'
import { permission, requireActor } from '../../http/call.js'
import { pagedList } from '../../http/pagination.js'
import { presentComment } from '../../present/comment.js'
import type { IssueComment } from '../../state/comment.js'

type Permissions = RepositoryRoute['permissions']
export const READ_COMMENTS: Permissions = [permission('issues', 'read'), permission('pull_requests', 'read')]
export const WRITE_COMMENTS: Permissions = [permission('issues', 'write'), permission('pull_requests', 'write')]

const LIST = '/issues/{issue_number}/comments'
const COMMENT = '/issues/comments/{comment_id}'
/** GitHub's limit, in characters. */
const LONGEST_BODY = 65_536

/** Comments of pull requests, which are issues to GitHub. The sandbox has no other issues. */
export const commentRoutes: RepositoryRoute[] = [
  { method: 'GET', path: LIST, permissions: READ_COMMENTS, handle: listComments },
  { method: 'POST', path: LIST, permissions: WRITE_COMMENTS, handle: createComment },
  { method: 'GET', path: COMMENT, permissions: READ_COMMENTS, handle: getComment },
  { method: 'PATCH', path: COMMENT, permissions: WRITE_COMMENTS, handle: updateComment },
  { method: 'DELETE', path: COMMENT, permissions: WRITE_COMMENTS, handle: removeComment },
]

/** Returns the comment that the path names. */
export function findComment(call: RepositoryCall): IssueComment | undefined {
  return call.repository.comments.get(Number(call.params.comment_id))
}

function listComments(call: RepositoryCall): Promise<Answer> | Answer {
  const { world, repository, query } = call
  const number = Number(call.params.issue_number)
  if (!repository.pulls.has(number)) return notFound()
  const since = Date.parse(query.get('since') ?? '')
  const comments = commentsOf(repository, number).filter(({ updatedAt }) => !(updatedAt < since))
  return pagedList(call, comments, (comment) => presentComment(world, repository, comment))
}

function createComment(call: RepositoryCall): Answer {
  const { world, repository } = call
  const pull = repository.pulls.get(Number(call.params.issue_number))
  if (pull === undefined) return notFound()
  const body = readBody(call.body)
  if (!body.ok) return body.answer
  const comment = addComment(world, repository, pull, { actor: requireActor(call), body: body.value })
  return created(presentComment(world, repository, comment))
}

function getComment(call: RepositoryCall): Answer {
  const comment = findComment(call)
  return comment === undefined ? notFound() : json(presentComment(call.world, call.repository, comment))
}

function updateComment(call: RepositoryCall): Answer {
  const { world, repository } = call
  const comment = findComment(call)
  if (comment === undefined) return notFound()
  if (!mayChange(call, comment)) return failure(403, 'Must have admin rights to Repository.')
  const body = readBody(call.body)
  if (!body.ok) return body.answer
  editComment(world, repository, comment, { actor: requireActor(call), body: body.value })
  return json(presentComment(world, repository, comment))
}

function removeComment(call: RepositoryCall): Answer {
  const comment = findComment(call)
  if (comment === undefined) return notFound()
  if (!mayChange(call, comment)) return failure(403, 'Must have admin rights to Repository.')
  deleteComment(call.world, call.repository, comment, requireActor(call))
  return empty(204)
}

/** The author may change a comment, as may an App, and a user who may write to the repository. */
function mayChange(call: RepositoryCall, comment: IssueComment): boolean {
  const actor = requireActor(call)
  if (comment.authorId === actor.account.id || actor.token.scope?.kind === 'installation') return true
  return isPermitted(call.world, actor, call.repository, [permission('contents', 'write')])
}

function readBody(given: Body): Result<string> {
  const fields = readFields(given, { body: 'string' })
  if (!fields.ok) return fields
  const { body } = fields.value
  if (body.trim() === '') return refuse(unprocessable('Body cannot be blank'))
  const isTooLong = Array.from(body).length > LONGEST_BODY
  return isTooLong ? refuse(unprocessable(`Body is too long (maximum is ${LONGEST_BODY} characters)`)) : found(body)
}

function unprocessable(message: string): Answer {
  return invalid([{ resource: 'IssueComment', field: 'data', code: 'unprocessable', message }])
}
