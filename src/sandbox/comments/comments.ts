import type { Actor } from '../http/call.js'
import type { AppScope } from '../state/app-model.js'
import type { IssueComment, Reaction, ReactionContent } from '../state/comment.js'
import type { PullRequest, Repository } from '../state/model.js'
import type { World } from '../world.js'

/** Returns the comments of a pull request, oldest first. */
export function commentsOf(repository: Repository, number: number): IssueComment[] {
  return [...repository.comments.values()].filter((comment) => comment.number === number)
}

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
  { body }: { actor: Actor; body: string },
): void {
  comment.body = body
  comment.updatedAt = world.clock.now()
  world.changed(repository)
}

export function deleteComment(world: World, repository: Repository, comment: IssueComment): void {
  repository.comments.delete(comment.id)
  world.changed(repository)
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
