import { permission } from '../http/call.js'
import type { Repository, WorkflowRun } from '../state/model.js'
import type { QueryContext } from './fields.js'
import { isVisible, requirePermission } from './fields.js'
import { QueryError } from './query-error.js'
import { accountSource, commitSource, pullSource, repositorySource, runSource, statusContextSource } from './sources.js'

const ACTIONS = permission('actions', 'read')
const CHECKS = permission('checks', 'read')
const CONTENTS = permission('contents', 'read')
const PULLS = permission('pull_requests', 'read')
const STATUSES = permission('statuses', 'read')

/**
 * Resolves a global ID. Throws `NOT_FOUND` for an unknown ID and for types without lookup by ID here: files, folders, events and apps.
 */
export async function findNode(context: QueryContext, id: string): Promise<unknown> {
  const [type, key] = parseId(id)
  const found = await FINDERS[type]?.(context, key)
  if (found === undefined || found === null) {
    throw new QueryError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`)
  }
  return found
}

/** Parses a global ID into type and key. The ID begins with the length of its type. */
function parseId(id: string): [type: string, key: string] {
  const [, length = '', rest = ''] = /^0(\d+):(.*)$/s.exec(Buffer.from(id, 'base64').toString('utf8')) ?? []
  return [rest.slice(0, Number(length)), rest.slice(Number(length))]
}

type Finder = (context: QueryContext, key: string) => unknown

const FINDERS: Record<string, Finder> = {
  User: account,
  Organization: account,
  Bot: account,
  Repository(context, key) {
    const repository = visible(context, Number(key))
    return repository && repositorySource(repository)
  },
  Ref: inRepository(async (context, repository, ref) => {
    requirePermission(context, repository, CONTENTS)
    const sha = await context.world.git.resolveRef(repository.id, ref)
    return sha === null ? null : { __typename: 'Ref', repository, ref, sha }
  }),
  Commit: inRepository(async (context, repository, sha) => {
    requirePermission(context, repository, CONTENTS)
    const commit = await context.world.git.readCommit(repository.id, sha)
    return commit && commitSource(repository, commit)
  }),
  StatusContext: inRepository((context, repository, key) => {
    requirePermission(context, repository, STATUSES)
    const [sha = '', id] = key.split(':')
    const status = repository.statuses.get(sha)?.find((each) => each.id === Number(id))
    return status && statusContextSource(repository, status)
  }),
  Workflow: inRepository((context, repository, path) => {
    requirePermission(context, repository, ACTIONS)
    const workflow = repository.workflows.get(path)
    return workflow && { __typename: 'Workflow', repository, workflow }
  }),
  PullRequest(context, key) {
    const found = context.world.directory.pullById(Number(key))
    if (found === undefined || !isVisible(context, found.base)) return null
    requirePermission(context, found.base, PULLS)
    return pullSource(found.base, found.pull)
  },
  WorkflowRun(context, key) {
    const found = run(context, Number(key))
    if (found === undefined) return null
    requirePermission(context, found.repository, ACTIONS)
    return runSource('WorkflowRun', found.repository, found.run)
  },
  CheckSuite(context, key) {
    const found = run(context, Number(key))
    if (found === undefined) return null
    requirePermission(context, found.repository, CHECKS)
    return runSource('CheckSuite', found.repository, found.run)
  },
}

function account({ world }: QueryContext, key: string): unknown {
  const found = world.directory.state.accounts.get(Number(key))
  return found && accountSource(found)
}

function run(
  { world, ...context }: QueryContext,
  id: number,
): { repository: Repository; run: WorkflowRun } | undefined {
  const found = world.directory.state.runs.get(id)
  if (found === undefined || found.createdAt > context.runsUntil) return undefined
  const repository = visible({ world, ...context }, found.repositoryId)
  return repository && { repository, run: found }
}

function visible(context: QueryContext, id: number): Repository | undefined {
  const repository = context.world.directory.state.repositories.get(id)
  return repository !== undefined && isVisible(context, repository) ? repository : undefined
}

/** Resolves a key that begins with the ID of a repository. */
function inRepository(find: (context: QueryContext, repository: Repository, key: string) => unknown): Finder {
  return (context, key) => {
    const colon = key.indexOf(':')
    const repository = visible(context, Number(key.slice(0, colon)))
    return repository && find(context, repository, key.slice(colon + 1))
  }
}
