import type { Actor } from '../http/call.js'
import type { AppScope } from '../state/app-model.js'
import type { IssueComment, Reaction, ReactionContent } from '../state/comment.js'
import type { PullRequest, Repository } from '../state/model.js'
import { issueCommentEvent } from '../webhooks/events/issue-comment.js'
import type { World } from '../world.js'

export function addComment(
  world: World,
  repository: Repository,
  pull: PullRequest,
  { actor, body }: { actor: Actor; body: string },
): IssueComment {
  const now = world.clock.now()
  const comment: IssueComment = {
    id: world.directory.newId(),
    number: pull.number,
    authorId: actor.account.id,
    appId: appOfScope(world, actor.token.scope),
    body,
    createdAt: now,
    updatedAt: now,
    reactions: [],
  }
  repository.comments.set(comment.id, comment)
  pull.updatedAt = now
  world.changed(repository)
  world.webhooks.emit(issueCommentEvent(world, 'created', { repository, pull, comment, sender: actor.account }))
  return comment
}

/** Returns the App by which a token was obtained. */
function appOfScope(world: World, scope: AppScope | undefined): number | null {
  if (scope === undefined) return null
  if (scope.kind !== 'installation') return scope.appId
  return world.directory.state.installations.get(scope.installationId)?.appId ?? null
}

export function editComment(
  world: World,
  repository: Repository,
  comment: IssueComment,
  { actor, body }: { actor: Actor; body: string },
): void {
  const change = { repository, pull: pullOf(repository, comment), comment, sender: actor.account }
  const before = comment.body
  comment.body = body
  comment.updatedAt = world.clock.now()
  world.changed(repository)
  world.webhooks.emit(issueCommentEvent(world, 'edited', { ...change, before }))
}

export function deleteComment(world: World, repository: Repository, comment: IssueComment, actor: Actor): void {
  const change = { repository, pull: pullOf(repository, comment), comment, sender: actor.account }
  repository.comments.delete(comment.id)
  world.changed(repository)
  world.webhooks.emit(issueCommentEvent(world, 'deleted', change))
}

function pullOf(repository: Repository, { id, number }: IssueComment): PullRequest {
  const pull = repository.pulls.get(number)
  if (pull === undefined) throw new Error(`comment ${id} has no pull request`)
  return pull
}

/** Adds a reaction, or returns the one that the user added before. */
export function react(
  world: World,
  repository: Repository,
  comment: IssueComment,
  { actor, content }: { actor: Actor; content: ReactionContent },
): { reaction: Reaction; isNew: boolean } {
  const userId = actor.account.id
  const known = comment.reactions.find((each) => each.userId === userId && each.content === content)
  if (known !== undefined) return { reaction: known, isNew: false }
  const reaction = { id: world.directory.newId(), content, userId, createdAt: world.clock.now() }
  comment.reactions.push(reaction)
  world.changed(repository)
  return { reaction, isNew: true }
}
