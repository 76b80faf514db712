import { forcedPushes, isOfFork, mergeability } from '../core/pulls.js'
import { hasMergeQueue } from '../core/rules.js'
import { permission } from '../http/call.js'
import { nodeId, timestamp } from '../present/common.js'
import { repositoryPage } from '../present/repository.js'
import type { GitCommit } from '../git/git-store.js'
import type { Repository } from '../state/model.js'
import { commitOf } from './commit-fields.js'
import type { PageArguments } from './connection.js'
import { connectionOf } from './connection.js'
import type { Fields, QueryContext } from './fields.js'
import { isVisible, requirePermission } from './fields.js'
import { stateOf } from './pull-list.js'
import { entryOf } from './merge-queue-fields.js'
import { QueryError } from './query-error.js'
import { findRef } from './repository-fields.js'
import type { ForcePushSource, PullSource, RefSource } from './sources.js'
import { accountSource, commitSource, pullSource, repositorySource } from './sources.js'

const CONTENTS = permission('contents', 'read')

export const pullFields: Fields<PullSource> = {
  id: ({ pull }) => nodeId('PullRequest', pull.id),
  databaseId: ({ pull }) => pull.id,
  number: ({ pull }) => pull.number,
  title: ({ pull }) => pull.title,
  state: ({ pull }) => stateOf(pull),
  closed: ({ pull }) => pull.state === 'closed',
  merged: ({ pull }) => pull.mergedAt !== null,
  isDraft: ({ pull }) => pull.draft,
  mergeable: (source, _args, context) => mergeableState(source, context),
  isMergeQueueEnabled: ({ repository, pull }) => hasMergeQueue(repository, pull.baseRef),
  isInMergeQueue: (source) => entryOf(source) !== null,
  mergeQueueEntry: (source) => entryOf(source),
  isCrossRepository: ({ repository, pull }) => isOfFork(repository, pull),
  author: ({ pull }, _args, { world }) => accountSource(world.directory.accountById(pull.authorId)),
  createdAt: ({ pull }) => timestamp(pull.createdAt),
  updatedAt: ({ pull }) => timestamp(pull.updatedAt),
  mergedAt: ({ pull }) => timestamp(pull.mergedAt),
  closedAt: ({ pull }) => timestamp(pull.closedAt),
  repository: ({ repository }) => repositorySource(repository),
  resourcePath: ({ repository, pull }, _args, { world }) => {
    return `/${world.directory.fullName(repository)}/pull/${pull.number}`
  },
  url: ({ repository, pull }, _args, { world }) => `${repositoryPage(world, repository)}/pull/${pull.number}`,
  headRefName: ({ pull }) => pull.headRef,
  headRefOid: ({ pull }) => pull.headSha,
  headRef: (source, _args, context) => headRef(source, context),
  headRepository: (source, _args, context) => {
    const head = headRepository(source, context)
    return head && repositorySource(head)
  },
  headRepositoryOwner: ({ pull }, _args, { world }) => {
    const owner = world.directory.account(pull.headOwner)
    return owner && accountSource(owner)
  },
  baseRefName: ({ pull }) => pull.baseRef,
  baseRefOid: ({ pull }) => pull.baseSha,
  baseRef: ({ repository, pull }, _args, context) => {
    requirePermission(context, repository, CONTENTS)
    return findRef(context.world, repository, `refs/heads/${pull.baseRef}`)
  },
  baseRepository: ({ repository }) => repositorySource(repository),
  mergeCommit: ({ repository, pull }, _args, context) => {
    return pull.mergeCommitSha === null ? null : commitOf(context, repository, pull.mergeCommitSha)
  },
  commits: async (source, args: PageArguments, context) => {
    const { repository, pull } = source
    const commits = await context.world.git.commitsBetween(repository.id, pull.baseSha, pull.headSha)
    const sources = commits.map((commit): PullCommitSource => ({ ...source, commit }))
    return connectionOf('commits', sources, args)
  },
  timelineItems: (source, args: TimelineArguments, context) => timelineItems(source, args, context),
}

async function mergeableState({ repository, pull }: PullSource, { world }: QueryContext): Promise<string> {
  const { mergeable } = await mergeability(world, repository, pull)
  if (mergeable === null) return 'UNKNOWN'
  return mergeable ? 'MERGEABLE' : 'CONFLICTING'
}

/** A commit of a pull request. */
interface PullCommitSource extends PullSource {
  commit: GitCommit
}

export const pullCommitFields: Fields<PullCommitSource> = {
  id: ({ pull, commit }) => nodeId('PullRequestCommit', `${pull.id}:${commit.sha}`),
  commit: ({ repository, commit }) => commitSource(repository, commit),
  pullRequest: ({ repository, pull }) => pullSource(repository, pull),
  resourcePath: (source, _args, { world }) => `/${world.directory.fullName(source.repository)}${commitPath(source)}`,
  url: (source, _args, { world }) => `${repositoryPage(world, source.repository)}${commitPath(source)}`,
}

function commitPath({ pull, commit }: PullCommitSource): string {
  return `/pull/${pull.number}/commits/${commit.sha}`
}

export const forcePushFields: Fields<ForcePushSource> = {
  id: ({ activity }) => nodeId('HeadRefForcePushedEvent', activity.id),
  actor: ({ activity }, _args, { world }) => accountSource(world.directory.accountById(activity.actorId)),
  createdAt: ({ activity }) => timestamp(activity.createdAt),
  beforeCommit: ({ repository, activity }, _args, context) => commitOf(context, repository, activity.before ?? ''),
  afterCommit: ({ repository, activity }, _args, context) => commitOf(context, repository, activity.after ?? ''),
  pullRequest: ({ repository, pull }) => pullSource(repository, pull),
  ref: (source, _args, context) => headRef({ ...source, __typename: 'PullRequest' }, context),
}

function headRepository({ repository, pull }: PullSource, context: QueryContext): Repository | null {
  const id = pull.headRepositoryId
  if (id === repository.id) return repository
  const head = id === null ? undefined : context.world.directory.state.repositories.get(id)
  return head !== undefined && isVisible(context, head) ? head : null
}

function headRef(source: PullSource, context: QueryContext): Promise<RefSource | null> | null {
  const head = headRepository(source, context)
  if (head === null) return null
  requirePermission(context, head, CONTENTS)
  return findRef(context.world, head, `refs/heads/${source.pull.headRef}`)
}

interface TimelineArguments extends PageArguments {
  itemTypes?: 'HEAD_REF_FORCE_PUSHED_EVENT'[]
}

/** The sandbox supports only forced pushes among the timeline items of a pull request. */
function timelineItems(source: PullSource, args: TimelineArguments, { world }: QueryContext): unknown {
  if (args.itemTypes === undefined || args.itemTypes.length === 0) {
    throw new QueryError(null, 'The sandbox returns only items of itemTypes: HEAD_REF_FORCE_PUSHED_EVENT.')
  }
  const { repository, pull } = source
  const events = forcedPushes(world, pull).map((activity): ForcePushSource => {
    return { __typename: 'HeadRefForcePushedEvent', repository, pull, activity }
  })
  const connection = connectionOf('timelineItems', events, args)
  return { ...connection, filteredCount: connection.totalCount }
}
