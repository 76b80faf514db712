import { commentsOf } from '../comments/find-comments.js'
import type { DiffSize } from '../git/git-store.js'
import type { PullRequest, Repository } from '../state/model.js'
import type { Mergeability, World } from '../world.js'
import { presentAccount } from './account.js'
import { nodeId, timestamp } from './common.js'
import { presentRepository, repositoryPage, repositoryUrl } from './repository.js'

/** `pull-request-simple` of GitHub's OpenAPI description. */
export function presentPull(world: World, base: Repository, pull: PullRequest): Record<string, unknown> {
  const url = repositoryUrl(world, base)
  const page = `${repositoryPage(world, base)}/pull/${pull.number}`
  const self = `${url}/pulls/${pull.number}`
  const author = presentAccount(world, world.directory.accountById(pull.authorId))
  return {
    url: self,
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: `${url}/issues/${pull.number}`,
    number: pull.number,
    state: pull.state,
    locked: false,
    active_lock_reason: null,
    title: pull.title,
    user: author,
    body: pull.body,
    created_at: timestamp(pull.createdAt),
    updated_at: timestamp(pull.updatedAt),
    closed_at: timestamp(pull.closedAt),
    merged_at: timestamp(pull.mergedAt),
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    draft: pull.draft,
    commits_url: `${self}/commits`,
    review_comments_url: `${self}/comments`,
    review_comment_url: `${url}/pulls/comments{/number}`,
    comments_url: `${url}/issues/${pull.number}/comments`,
    statuses_url: `${url}/statuses/${pull.headSha}`,
    head: presentHead(world, base, pull),
    base: presentEnd(world, base, { ref: pull.baseRef, sha: pull.baseSha }),
    _links: presentLinks(url, page, pull),
    author_association: pull.authorId === base.ownerId ? 'OWNER' : 'CONTRIBUTOR',
    auto_merge: null,
  }
}

/** `pull-request` of GitHub's OpenAPI description. */
export function presentFullPull(
  world: World,
  base: Repository,
  pull: PullRequest,
  computed: { mergeability: Mergeability; size: DiffSize; commits: number },
): Record<string, unknown> {
  const { mergeability, size, commits } = computed
  return {
    ...presentPull(world, base, pull),
    merged: pull.mergedAt !== null,
    mergeable: mergeability.mergeable,
    rebaseable: false,
    mergeable_state: mergeability.state,
    merged_by: pull.mergedById === null ? null : presentAccount(world, world.directory.accountById(pull.mergedById)),
    comments: commentsOf(base, pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: size.additions,
    deletions: size.deletions,
    changed_files: size.files,
  }
}

function presentHead(world: World, base: Repository, pull: PullRequest): Record<string, unknown> {
  const ref = { ref: pull.headRef, sha: pull.headSha }
  const id = pull.headRepositoryId
  const head = id === base.id ? base : id === null ? undefined : world.directory.state.repositories.get(id)
  if (head !== undefined) return presentEnd(world, head, ref)
  return { label: `${pull.headOwner}:${pull.headRef}`, ...ref, user: null, repo: null }
}

function presentEnd(world: World, repository: Repository, end: { ref: string; sha: string }): Record<string, unknown> {
  const owner = world.directory.accountById(repository.ownerId)
  return {
    label: `${owner.login}:${end.ref}`,
    ...end,
    user: presentAccount(world, owner),
    repo: presentRepository(world, repository),
  }
}

function presentLinks(url: string, page: string, pull: PullRequest): Record<string, { href: string }> {
  const self = `${url}/pulls/${pull.number}`
  return {
    self: { href: self },
    html: { href: page },
    issue: { href: `${url}/issues/${pull.number}` },
    comments: { href: `${url}/issues/${pull.number}/comments` },
    review_comments: { href: `${self}/comments` },
    review_comment: { href: `${url}/pulls/comments{/number}` },
    commits: { href: `${self}/commits` },
    statuses: { href: `${url}/statuses/${pull.headSha}` },
  }
}
