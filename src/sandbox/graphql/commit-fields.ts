import { combinedState, latestStatuses } from '../core/rules.js'
import { currentAttempt } from '../core/runs.js'
import { isTreePath } from '../git/git-store.js'
import { isPermitted } from '../http/access.js'
import { permission } from '../http/call.js'
import { nodeId, timestamp } from '../present/common.js'
import { repositoryPage } from '../present/repository.js'
import { statusNodeId } from '../present/status.js'
import type { WorkflowRun } from '../state/model.js'
import { ACTIONS_APP } from './actions-app.js'
import type { PageArguments } from './connection.js'
import { connectionOf } from './connection.js'
import { findEntry } from './content-fields.js'
import type { Fields, QueryContext } from './fields.js'
import { notAccessible, requirePermission } from './fields.js'
import type { CommitSource, StatusContextSource, StatusSource, TreeSource } from './sources.js'
import { accountSource, commitSource, repositorySource, runSource, statusContextSource } from './sources.js'

export const commitFields: Fields<CommitSource> = {
  id: ({ repository, commit }) => nodeId('Commit', `${repository.id}:${commit.sha}`),
  oid: ({ commit }) => commit.sha,
  abbreviatedOid: ({ commit }) => commit.sha.slice(0, 7),
  repository: ({ repository }) => repositorySource(repository),
  resourcePath: ({ repository, commit }, _args, { world }) => {
    return `/${world.directory.fullName(repository)}/commit/${commit.sha}`
  },
  url: ({ repository, commit }, _args, { world }) => `${repositoryPage(world, repository)}/commit/${commit.sha}`,
  message: ({ commit }) => commit.message.trimEnd(),
  messageHeadline: ({ commit }) => commit.message.split('\n')[0],
  authoredDate: ({ commit }) => timestamp(commit.author.time),
  committedDate: ({ commit }) => timestamp(commit.committer.time),
  status: ({ repository, commit }, _args, context): StatusSource | null => {
    requirePermission(context, repository, permission('statuses', 'read'))
    const latest = latestStatuses(repository, commit.sha)
    return latest.length === 0 ? null : { __typename: 'Status', repository, sha: commit.sha, latest }
  },
  checkSuites: (source, args: CheckSuiteArguments, context) => checkSuites(source, args, context),
  file: ({ repository, commit }, { path }: { path: string }, { world }) => {
    return isTreePath(path) ? findEntry(world, repository, commit.sha, path) : null
  },
  tree: ({ repository, commit }): TreeSource => {
    return { __typename: 'Tree', repository, oid: commit.tree, commit: commit.sha, path: '' }
  },
  history: async ({ repository, commit }, args: PageArguments & { path?: string }, { world }) => {
    const path = args.path === undefined ? {} : { path: args.path }
    const commits = await world.git.history(repository.id, commit.sha, { skip: 0, limit: MAX_COMMITS, ...path })
    const sources = commits.map((each) => commitSource(repository, each))
    return connectionOf('history', sources, args)
  },
}

const MAX_COMMITS = 1_000_000

interface CheckSuiteArguments extends PageArguments {
  filterBy?: { appId?: number | null; checkName?: string | null }
}

/** Returns one check suite per workflow run of the commit, oldest first. A token without the permission gets an error for each. */
function checkSuites({ repository, commit }: CommitSource, args: CheckSuiteArguments, context: QueryContext): unknown {
  const { appId, checkName } = args.filterBy ?? {}
  const runs = context.world.directory.runsWithHead(repository, commit.sha).filter((run) => {
    if (run.createdAt > context.runsUntil || (appId ?? ACTIONS_APP.databaseId) !== ACTIONS_APP.databaseId) return false
    return typeof checkName !== 'string' || hasJob(run, checkName)
  })
  const isAllowed = isPermitted(context.world, context.actor, repository, [permission('checks', 'read')])
  const suites = runs.map((run) => (isAllowed ? runSource('CheckSuite', repository, run) : notAccessible(context)))
  return connectionOf('checkSuites', suites, args)
}

function hasJob(run: WorkflowRun, name: string): boolean {
  return currentAttempt(run).jobs.some(({ state }) => state.name === name)
}

export const statusFields: Fields<StatusSource> = {
  id: ({ repository, sha }) => nodeId('Status', `${repository.id}:${sha}`),
  state: ({ latest }) => combinedState(latest).toUpperCase(),
  contexts: ({ repository, latest }) => latest.map((status) => statusContextSource(repository, status)),
  context: ({ repository, latest }, { name }: { name: string }) => {
    const status = latest.find(({ context }) => context.toLowerCase() === name.toLowerCase())
    return status && statusContextSource(repository, status)
  },
  commit: ({ repository, sha }, _args, context) => commitOf(context, repository, sha),
}

export const statusContextFields: Fields<StatusContextSource> = {
  id: ({ repository, status }) => statusNodeId(repository, status),
  context: ({ status }) => status.context,
  state: ({ status }) => status.state.toUpperCase(),
  description: ({ status }) => status.description,
  targetUrl: ({ status }) => status.targetUrl,
  createdAt: ({ status }) => timestamp(status.createdAt),
  creator: ({ status }, _args, { world }) => accountSource(world.directory.accountById(status.creatorId)),
  commit: ({ repository, status }, _args, context) => commitOf(context, repository, status.sha),
}

/** Returns a commit of a repository by its SHA, or null. */
export async function commitOf(
  context: QueryContext,
  repository: CommitSource['repository'],
  sha: string,
): Promise<CommitSource | null> {
  const commit = await context.world.git.readCommit(repository.id, sha)
  return commit && commitSource(repository, commit)
}
