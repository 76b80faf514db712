import { resolveCommit } from '../core/revisions.js'
import { latestStatuses } from '../core/rules.js'
import type { Answer } from '../http/answer.js'
import { created, failure, invalid, notFound } from '../http/answer.js'
import { readFields } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { paged, pagedList, pageOf, readPage } from '../http/pagination.js'
import { presentCombinedStatus, presentStatus } from '../present/status.js'
import type { CommitStatus, StatusState } from '../state/model.js'
import { emitStatus } from '../webhooks/events/status.js'

const read = permission('statuses', 'read')
const STATES: readonly string[] = ['error', 'failure', 'pending', 'success']
const LONGEST_DESCRIPTION = 140
const MOST_STATUSES = 1_000

/** Commit statuses. */
export const statusRoutes: RepositoryRoute[] = [
  { method: 'POST', path: '/statuses/{sha}', permissions: [permission('statuses', 'write')], handle: createStatus },
  { method: 'GET', path: '/commits/{ref}/statuses', permissions: [read], handle: listStatuses },
  { method: 'GET', path: '/commits/{ref}/status', permissions: [read], handle: getCombinedStatus },
]

function isState(text: string): text is StatusState {
  return STATES.includes(text)
}

async function createStatus(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const sha = call.params.sha ?? ''
  const fields = readFields(call.body, {
    state: 'string',
    target_url: 'string?',
    description: 'string?',
    context: 'string?',
  })
  if (!fields.ok) return fields.answer
  const { state, description, target_url: targetUrl, context = 'default' } = fields.value
  if (!isState(state)) {
    return invalid([
      { resource: 'Status', field: 'state', code: 'custom', message: 'state is not included in the list' },
    ])
  }
  const problem = statusProblem({ description, targetUrl, context })
  if (problem !== null) return problem
  const commit = /^[0-9a-f]{40}$/.test(sha) ? await world.git.readCommit(repository.id, sha) : null
  if (commit === null) return failure(422, `No commit found for SHA: ${sha}`)
  const statuses = repository.statuses.get(sha) ?? []
  const twins = statuses.filter((status) => status.context.toLowerCase() === context.toLowerCase())
  if (twins.length >= MOST_STATUSES) {
    const message = 'This SHA and context has reached the maximum number of statuses.'
    return invalid([{ resource: 'Status', code: 'custom', message }])
  }
  const status: CommitStatus = {
    id: world.directory.newId(),
    sha,
    state,
    context,
    description: description ?? null,
    targetUrl: targetUrl ?? null,
    creatorId: requireActor(call).account.id,
    createdAt: world.clock.now(),
  }
  repository.statuses.set(sha, [...statuses, status])
  world.changed(repository)
  emitStatus(world, repository, status, requireActor(call).account)
  return created(presentStatus(world, repository, status))
}

function statusProblem(given: {
  description: string | undefined
  targetUrl: string | undefined
  context: string
}): Answer | null {
  const custom = (field: string, message: string): Answer =>
    invalid([{ resource: 'Status', field, code: 'custom', message }])
  if (characters(given.description ?? '') > LONGEST_DESCRIPTION) {
    return custom('description', `description is too long (maximum is ${LONGEST_DESCRIPTION} characters)`)
  }
  if (characters(given.context) > 255) return custom('context', 'context is too long (maximum is 255 characters)')
  if (given.targetUrl !== undefined && given.targetUrl !== '' && !/^https?:\/\//i.test(given.targetUrl)) {
    return custom('target_url', 'target_url must use http(s) scheme')
  }
  return null
}

/** Returns the length of a text in Unicode characters. */
function characters(text: string): number {
  return Array.from(text).length
}

async function listStatuses(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const commit = await resolveCommit(world, repository, call.params.ref ?? '')
  if (commit === null) return notFound()
  const newestFirst = (repository.statuses.get(commit.sha) ?? []).toReversed()
  return pagedList(call, newestFirst, (status) => presentStatus(world, repository, status))
}

async function getCombinedStatus(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const commit = await resolveCommit(world, repository, call.params.ref ?? '')
  if (commit === null) return notFound()
  const latest = latestStatuses(repository, commit.sha)
  const page = pageOf(latest, readPage(call.query))
  return paged(call, latest.length, presentCombinedStatus(world, repository, { sha: commit.sha, latest, page }))
}
