import { roleOf } from '../access/roles.js'
import type { IssueComment, Reaction, ReactionContent } from '../state/comment.js'
import type { Account, Repository } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { presentApp } from './app.js'
import { nodeId, timestamp } from './common.js'
import { repositoryPage, repositoryUrl } from './repository.js'

/** The reactions that GitHub knows. */
export const REACTIONS: readonly ReactionContent[] = [
  '+1',
  '-1',
  'laugh',
  'confused',
  'heart',
  'hooray',
  'rocket',
  'eyes',
]

/** `issue-comment` of GitHub's OpenAPI description. */
export function presentComment(world: World, repository: Repository, comment: IssueComment): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/issues/comments/${comment.id}`
  const author = world.directory.accountById(comment.authorId)
  const app = comment.appId === null ? undefined : world.directory.state.apps.get(comment.appId)
  return {
    url,
    html_url: `${repositoryPage(world, repository)}/pull/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(world, repository)}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    user: presentAccount(world, author),
    created_at: timestamp(comment.createdAt),
    updated_at: timestamp(comment.updatedAt),
    body: comment.body,
    author_association: associationOf(repository, author),
    reactions: presentReactions(url, comment.reactions),
    performed_via_github_app: app === undefined ? null : presentApp(world, app),
  }
}

/** Returns GitHub's word for what an author has to do with a repository. */
export function associationOf(repository: Repository, author: Account): string {
  if (author.id === repository.ownerId) return 'OWNER'
  if (repository.collaborators.has(author.id)) return 'COLLABORATOR'
  if (!['none', 'read'].includes(roleOf(repository, author))) return 'MEMBER'
  const merged = [...repository.pulls.values()].some((pull) => pull.authorId === author.id && pull.mergedAt !== null)
  return merged ? 'CONTRIBUTOR' : 'NONE'
}

/** `reaction-rollup` of GitHub's OpenAPI description. `url` is that of the comment or the issue. */
export function presentReactions(url: string, reactions: Reaction[]): Record<string, unknown> {
  const count = (content: ReactionContent): number => reactions.filter((each) => each.content === content).length
  const counts = Object.fromEntries(REACTIONS.map((content) => [content, count(content)]))
  return { url: `${url}/reactions`, total_count: reactions.length, ...counts }
}

/** `reaction` of GitHub's OpenAPI description. */
export function presentReaction(world: World, reaction: Reaction): Record<string, unknown> {
  return {
    id: reaction.id,
    node_id: nodeId('Reaction', reaction.id),
    user: presentAccount(world, world.directory.accountById(reaction.userId)),
    content: reaction.content,
    created_at: timestamp(reaction.createdAt),
  }
}
