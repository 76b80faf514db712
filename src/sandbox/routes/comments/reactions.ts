import { react } from '../../comments/change-comments.js'
import type { Answer } from '../../http/answer.js'
import { invalid, json, notFound } from '../../http/answer.js'
import { readFields } from '../../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../../http/call.js'
import { requireActor } from '../../http/call.js'
import { pagedList } from '../../http/pagination.js'
import { presentReaction, REACTIONS } from '../../present/comment.js'
import { findComment, READ_COMMENTS, WRITE_COMMENTS } from './comments.js'

const PATH = '/issues/comments/{comment_id}/reactions'

/** Reactions to comments. */
export const reactionRoutes: RepositoryRoute[] = [
  { method: 'GET', path: PATH, permissions: READ_COMMENTS, handle: listReactions },
  { method: 'POST', path: PATH, permissions: WRITE_COMMENTS, handle: createReaction },
]

function listReactions(call: RepositoryCall): Promise<Answer> | Answer {
  const comment = findComment(call)
  if (comment === undefined) return notFound()
  const content = call.query.get('content')
  const reactions = comment.reactions.filter((each) => content === null || each.content === content)
  return pagedList(call, reactions, (reaction) => presentReaction(call.world, reaction))
}

function createReaction(call: RepositoryCall): Answer {
  const { world, repository } = call
  const comment = findComment(call)
  if (comment === undefined) return notFound()
  const fields = readFields(call.body, { content: 'string' })
  if (!fields.ok) return fields.answer
  const content = REACTIONS.find((each) => each === fields.value.content)
  if (content === undefined) return invalid([{ resource: 'Reaction', field: 'content', code: 'invalid' }])
  const { reaction, isNew } = react(world, repository, comment, { actor: requireActor(call), content })
  return json(presentReaction(world, reaction), isNew ? 201 : 200)
}
