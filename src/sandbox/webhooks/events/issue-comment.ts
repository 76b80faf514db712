import { commentsOf } from '../../comments/find-comments.js'
import { associationOf, presentComment, presentReactions } from '../../present/comment.js'
import { presentAccount } from '../../present/account.js'
import { nodeId, timestamp } from '../../present/common.js'
import { repositoryPage, repositoryUrl } from '../../present/repository.js'
import type { IssueComment } from '../../state/comment.js'
import type { Account, PullRequest, Repository } from '../../state/model.js'
import type { World } from '../../world.js'
import type { WebhookEvent } from '../event.js'

/** A comment that was created, edited or deleted. */
export interface CommentChange {
  repository: Repository
  pull: PullRequest
  comment: IssueComment
  sender: Account
  /** The text before an edit. */
  before?: string
}

/** `issue_comment`, whose issue is a pull request. */
export function issueCommentEvent(
  world: World,
  action: 'created' | 'edited' | 'deleted',
  { repository, pull, comment, sender, before }: CommentChange,
): WebhookEvent {
  return {
    name: 'issue_comment',
    action,
    sender,
    repository,
    payload: () => ({
      ...(before !== undefined && { changes: { body: { from: before } } }),
      issue: presentIssue(world, repository, pull),
      comment: presentComment(world, repository, comment),
    }),
  }
}

/** A pull request as the issue that it is to GitHub. */
function presentIssue(world: World, repository: Repository, pull: PullRequest): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/issues/${pull.number}`
  const page = `${repositoryPage(world, repository)}/pull/${pull.number}`
  const author = world.directory.accountById(pull.authorId)
  return {
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: page,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    number: pull.number,
    title: pull.title,
    user: presentAccount(world, author),
    labels: [],
    state: pull.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: commentsOf(repository, pull.number).length,
    created_at: timestamp(pull.createdAt),
    updated_at: timestamp(pull.updatedAt),
    closed_at: timestamp(pull.closedAt),
    author_association: associationOf(repository, author),
    active_lock_reason: null,
    draft: pull.draft,
    pull_request: {
      url: `${repositoryUrl(world, repository)}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: timestamp(pull.mergedAt),
    },
    body: pull.body,
    reactions: presentReactions(url, []),
    performed_via_github_app: null,
    state_reason: null,
  }
}
