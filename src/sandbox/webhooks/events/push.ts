import { branchSha } from '../../core/revisions.js'
import type { GitCommit, GitPerson } from '../../git/git-store.js'
import { personOf } from '../../present/account.js'
import { inPath } from '../../present/common.js'
import { presentRepository, repositoryPage } from '../../present/repository.js'
import type { Account, RefChange, Repository } from '../../state/model.js'
import type { World } from '../../world.js'
import type { WebhookEvent } from '../event.js'

/** The SHA with which a payload represents a missing commit. */
const NO_COMMIT = '0'.repeat(40)
/** GitHub's limit on the commits of a payload. */
const MAX_COMMITS = 2_048

/** Emits what a change of a branch or a tag causes: `create` or `delete`, and `push`. */
export function emitRefChange(world: World, repository: Repository, sender: Account, change: RefChange): void {
  if (!/^refs\/(?:heads|tags)\//.test(change.ref)) return
  if (change.before === null) world.webhooks.emit(refEvent('create', repository, sender, change.ref))
  if (change.after === null) world.webhooks.emit(refEvent('delete', repository, sender, change.ref))
  world.webhooks.emit(pushEvent(world, repository, sender, change))
}

/** Returns the event of the latest push to any branch; undefined if there was none. */
export function latestPushOf(world: World, repository: Repository, sender: Account): WebhookEvent | undefined {
  const latest = repository.activities.at(-1)
  return latest && pushEvent(world, repository, sender, latest)
}

function refEvent(name: 'create' | 'delete', repository: Repository, sender: Account, ref: string): WebhookEvent {
  const [, kind, short = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? []
  const fields = { ref: short, ref_type: kind === 'heads' ? 'branch' : 'tag', pusher_type: 'user' }
  const { defaultBranch, description } = repository
  return {
    name,
    repository,
    sender,
    payload: () => (name === 'delete' ? fields : { ...fields, master_branch: defaultBranch, description }),
  }
}

function pushEvent(world: World, repository: Repository, sender: Account, change: RefChange): WebhookEvent {
  return { name: 'push', repository, sender, payload: () => pushPayload(world, repository, sender, change) }
}

async function pushPayload(
  world: World,
  repository: Repository,
  sender: Account,
  { ref, before, after }: RefChange,
): Promise<Record<string, unknown>> {
  const shown = presentPushedRepository(world, repository)
  const isForced = before !== null && after !== null && !(await world.git.isAncestor(repository.id, before, after))
  const pushed = after === null ? [] : await pushedCommits(world, repository, { ref, before, after })
  const commits = pushed.slice(0, MAX_COMMITS)
  const head = after === null ? null : await world.git.readCommit(repository.id, after)
  const changes = await world.git.changedPaths(repository.id, head === null ? commits : [...commits, head])
  const present = (commit: GitCommit): Record<string, unknown> => ({
    ...presentPushed(world, repository, commit),
    ...(changes.get(commit.sha) ?? { added: [], removed: [], modified: [] }),
  })
  return {
    ref,
    before: before ?? NO_COMMIT,
    after: after ?? NO_COMMIT,
    repository: shown,
    pusher: personOf(sender),
    created: before === null,
    deleted: after === null,
    forced: isForced,
    base_ref: null,
    compare: compareUrl(world, repository, { ref, before, after }),
    commits: commits.map(present),
    head_commit: head && present(head),
  }
}

/** A new branch brings the commits that the default branch lacks. */
async function pushedCommits(
  world: World,
  repository: Repository,
  { ref, before, after }: { ref: string; before: string | null; after: string },
): Promise<GitCommit[]> {
  const isDefault = ref === `refs/heads/${repository.defaultBranch}`
  const base = before ?? (isDefault ? null : await branchSha(world, repository, repository.defaultBranch))
  return world.git.commitsBetween(repository.id, base, after)
}

function compareUrl(world: World, repository: Repository, { ref, before, after }: RefChange): string {
  const page = repositoryPage(world, repository)
  if (before === null) return `${page}/compare/${inPath(ref.replace(/^refs\/(?:heads|tags)\//, ''))}`
  return `${page}/compare/${before.slice(0, 12)}...${(after ?? NO_COMMIT).slice(0, 12)}`
}

/** As in a push, times are in seconds since the epoch. */
function presentPushedRepository(world: World, repository: Repository): Record<string, unknown> {
  const owner = world.directory.accountById(repository.ownerId)
  const shown = presentRepository(world, repository)
  return {
    ...shown,
    owner: { name: owner.login, email: null, ...(shown.owner as Record<string, unknown>) },
    created_at: Math.floor(repository.createdAt / 1000),
    pushed_at: Math.floor(repository.pushedAt / 1000),
    stargazers: 0,
    master_branch: repository.defaultBranch,
    ...(owner.type === 'Organization' && { organization: owner.login }),
  }
}

function presentPushed(world: World, repository: Repository, commit: GitCommit): Record<string, unknown> {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message.trimEnd(),
    timestamp: new Date(commit.committer.time).toISOString(),
    url: `${repositoryPage(world, repository)}/commit/${commit.sha}`,
    author: presentPerson(world, commit.author),
    committer: presentPerson(world, commit.committer),
  }
}

function presentPerson(world: World, { name, email }: GitPerson): Record<string, unknown> {
  const account = world.directory.account(name)
  return { name, email, ...(account !== undefined && { username: account.login }) }
}
