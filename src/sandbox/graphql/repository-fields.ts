import { pullsOfRef } from '../core/pulls.js'
import { branchSha, resolveCommit } from '../core/revisions.js'
import { isRefName, isTreePath } from '../git/git-store.js'
import { roleOf } from '../access/roles.js'
import { isPermitted } from '../http/access.js'
import { permission } from '../http/call.js'
import { nodeId, timestamp } from '../present/common.js'
import { repositoryPage } from '../present/repository.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import type { PageArguments } from './connection.js'
import { connectionOf } from './connection.js'
import { findEntry, objectOf } from './content-fields.js'
import type { Fields, QueryContext } from './fields.js'
import { isVisible, requirePermission } from './fields.js'
import type { PullArguments } from './pull-list.js'
import { chosenPulls } from './pull-list.js'
import { QueryError } from './query-error.js'
import type { RefSource, RepositorySource } from './sources.js'
import { accountSource, commitSource, pullSource, repositorySource } from './sources.js'

const CONTENTS = permission('contents', 'read')
const PULLS = permission('pull_requests', 'read')

export const repositoryFields: Fields<RepositorySource> = {
  id: ({ repository }) => nodeId('Repository', repository.id),
  databaseId: ({ repository }) => repository.id,
  name: ({ repository }) => repository.name,
  nameWithOwner: ({ repository }, _args, { world }) => world.directory.fullName(repository),
  owner: ({ repository }, _args, { world }) => accountSource(world.directory.accountById(repository.ownerId)),
  parent: ({ repository }, _args, context) => parentOf(context, repository),
  resourcePath: ({ repository }, _args, { world }) => `/${world.directory.fullName(repository)}`,
  url: ({ repository }, _args, { world }) => repositoryPage(world, repository),
  createdAt: ({ repository }) => timestamp(repository.createdAt),
  updatedAt: ({ repository }) => timestamp(repository.updatedAt),
  pushedAt: ({ repository }) => timestamp(repository.pushedAt),
  isArchived: ({ repository }) => repository.archived,
  isDisabled: () => false,
  autoMergeAllowed: ({ repository }) => repository.allowsAutoMerge === true,
  isFork: ({ repository }) => repository.parentId !== null,
  isPrivate: ({ repository }) => repository.private,
  viewerPermission: ({ repository }, _args, context) => viewerPermission(context, repository),
  defaultBranchRef: ({ repository }, _args, context) => {
    requirePermission(context, repository, CONTENTS)
    return findRef(context.world, repository, `refs/heads/${repository.defaultBranch}`)
  },
  ref: ({ repository }, { qualifiedName }: { qualifiedName: string }, context) => {
    requirePermission(context, repository, CONTENTS)
    return resolveRef(context.world, repository, qualifiedName)
  },
  refs: async ({ repository }, args: RefsArguments, context) => {
    requirePermission(context, repository, CONTENTS)
    return connectionOf('refs', await listRefs(context.world, repository, args), args)
  },
  object: ({ repository }, args: ObjectArguments, context) => {
    requirePermission(context, repository, CONTENTS)
    return findObject(context.world, repository, args)
  },
  pullRequest: ({ repository }, { number }: { number: number }, context) => {
    requirePermission(context, repository, PULLS)
    const pull = repository.pulls.get(number)
    if (pull !== undefined) return pullSource(repository, pull)
    throw new QueryError('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`)
  },
  pullRequests: ({ repository }, args: PullArguments, context) => {
    requirePermission(context, repository, PULLS)
    const pulls = Array.from(repository.pulls.values(), (pull) => pullSource(repository, pull))
    return connectionOf('pullRequests', chosenPulls(pulls, args), args)
  },
}

export const refFields: Fields<RefSource> = {
  id: ({ repository, ref }) => nodeId('Ref', `${repository.id}:${ref}`),
  name: ({ ref }) => ref.slice(prefixOf(ref).length),
  prefix: ({ ref }) => prefixOf(ref),
  repository: ({ repository }) => repositorySource(repository),
  target: async ({ repository, sha }, _args, { world }) => {
    const commit = await world.git.readCommit(repository.id, sha)
    return commit && commitSource(repository, commit)
  },
  associatedPullRequests: ({ repository, ref }, args: PullArguments, context) => {
    requirePermission(context, repository, PULLS)
    const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null
    const found = branch === null ? [] : pullsOfRef(context.world, repository, branch)
    const shown = found.filter(({ base }) => isVisible(context, base))
    const pulls = shown.map(({ base, pull }) => pullSource(base, pull))
    return connectionOf('associatedPullRequests', chosenPulls(pulls, args), args)
  },
}

/** Returns the first two segments of a ref, such as `refs/heads/`, `refs/tags/` or `refs/pull/`. */
function prefixOf(ref: string): string {
  return /^refs\/[^/]+\//.exec(ref)?.[0] ?? 'refs/'
}

export async function findRef(world: World, repository: Repository, ref: string): Promise<RefSource | null> {
  const sha = isRefName(ref) ? await world.git.resolveRef(repository.id, ref) : null
  return sha === null ? null : { __typename: 'Ref', repository, ref, sha }
}

interface RefsArguments extends PageArguments {
  refPrefix: string
  query?: string
}

/** The refs below a prefix by name. `query` finds a part of the name below the prefix; here it keeps case, the stricter of the two possibilities. */
async function listRefs(
  world: World,
  repository: Repository,
  { refPrefix, query = '' }: RefsArguments,
): Promise<RefSource[]> {
  const refs = await world.git.listRefs(repository.id, refPrefix)
  const found = refs.filter(({ name }) => name.slice(refPrefix.length).includes(query))
  return found.map(({ name, sha }) => ({ __typename: 'Ref', repository, ref: name, sha }))
}

/** A full name takes precedence. As in git, a branch or a tag with this short name comes after it. */
async function resolveRef(world: World, repository: Repository, name: string): Promise<RefSource | null> {
  for (const ref of [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`]) {
    const found = await findRef(world, repository, ref)
    if (found !== null) return found
  }
  return null
}

interface ObjectArguments {
  expression?: string
  oid?: string
}

/** Finds a commit by its ID, or the object that `<commit>` or `<commit>:<path>` names. The object ID of a file or a folder finds nothing here. */
async function findObject(world: World, repository: Repository, args: ObjectArguments): Promise<unknown> {
  const expression = args.oid ?? args.expression ?? 'HEAD'
  const colon = expression.indexOf(':')
  const revision = colon === -1 ? expression : expression.slice(0, colon)
  const commit = await commitNamed(world, repository, revision)
  if (commit === null) return null
  if (colon === -1) return commitSource(repository, commit)
  const path = expression.slice(colon + 1).replace(/\/+$/, '')
  if (path === '') return { __typename: 'Tree', repository, oid: commit.tree, commit: commit.sha, path }
  if (!isTreePath(path)) return null
  const file = await world.git.readFile(repository.id, commit.sha, path)
  if (file !== null) return { __typename: 'Blob', repository, oid: file.sha, content: file.content }
  const entry = await findEntry(world, repository, commit.sha, path)
  return entry && objectOf(world, entry)
}

async function commitNamed(world: World, repository: Repository, revision: string): ReturnType<typeof resolveCommit> {
  if (revision !== '') return resolveCommit(world, repository, revision)
  const sha = await branchSha(world, repository, repository.defaultBranch)
  return sha === null ? null : world.git.readCommit(repository.id, sha)
}

function parentOf(context: QueryContext, { parentId }: Repository): RepositorySource | null {
  const parent = parentId === null ? undefined : context.world.directory.state.repositories.get(parentId)
  return parent !== undefined && isVisible(context, parent) ? repositorySource(parent) : null
}

/** Returns the REST API's `permissions` as a single enum value. */
function viewerPermission({ world, actor }: QueryContext, repository: Repository): string {
  const { scope, grants } = actor.token
  if (scope === undefined && grants === null) return roleOf(repository, actor.account).toUpperCase()
  if (isPermitted(world, actor, repository, [permission('administration', 'write')])) return 'ADMIN'
  return isPermitted(world, actor, repository, [permission('contents', 'write')]) ? 'WRITE' : 'READ'
}
