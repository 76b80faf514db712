import { permission } from '../http/call.js'
import { nodeId, timestamp } from '../present/common.js'
import type { QueueEntry } from '../state/merge-queue.js'
import type { PullRequest, Repository } from '../state/model.js'
import { commitOf } from './commit-fields.js'
import type { Fields, QueryContext } from './fields.js'
import { requirePermission } from './fields.js'
import { findNode } from './node.js'
import { QueryError } from './query-error.js'
import type { PullSource } from './sources.js'
import { accountSource, pullSource } from './sources.js'

const CONTENTS = permission('contents', 'write')
const PULLS = permission('pull_requests', 'write')

/** An entry, which a mutation also shows after it has left the queue. */
export interface QueueEntrySource {
  repository: Repository
  pull: PullRequest
  entry: QueueEntry
}

export const mergeQueueEntryFields: Fields<QueueEntrySource> = {
  id: ({ entry }) => nodeId('MergeQueueEntry', entry.id),
  position: ({ repository, pull, entry }) => positionOf(repository, pull, entry),
  state: (source) => stateOf(source),
  enqueuedAt: ({ entry }) => timestamp(entry.enqueuedAt),
  enqueuer: ({ entry }, _args, { world }) => accountSource(world.directory.accountById(entry.enqueuerId)),
  jump: ({ entry }) => entry.jump,
  solo: () => false,
  pullRequest: ({ repository, pull }) => pullSource(repository, pull),
  baseCommit: ({ repository, entry }, _args, context) => {
    return entry.group && commitOf(context, repository, entry.group.baseSha)
  },
  headCommit: ({ repository, entry }, _args, context) => {
    return entry.group && commitOf(context, repository, entry.group.headSha)
  },
}

/** Returns the entry of a pull request; null if it is in no queue. */
export function entryOf({ repository, pull }: PullSource): QueueEntrySource | null {
  const entry = repository.mergeQueue.find(({ pullNumber }) => pullNumber === pull.number)
  return entry === undefined ? null : { repository, pull, entry }
}

/** Returns the position from 1 among the entries of the same base. */
function positionOf(repository: Repository, pull: PullRequest, entry: QueueEntry): number {
  const entries = repository.mergeQueue.filter(({ pullNumber }) => {
    return repository.pulls.get(pullNumber)?.baseRef === pull.baseRef
  })
  return entries.indexOf(entry) + 1
}

function stateOf({ repository, entry }: QueueEntrySource): string {
  if (!repository.mergeQueue.includes(entry)) return 'UNMERGEABLE'
  return entry.group === null ? 'QUEUED' : 'AWAITING_CHECKS'
}

interface EnqueueInput {
  pullRequestId: string
  expectedHeadOid?: string | null
  jump?: boolean | null
  clientMutationId?: string | null
}

/** The mutations of merge queues. */
export const mutationFields: Fields<unknown> = {
  async enqueuePullRequest(_source, { input }: { input: EnqueueInput }, context) {
    const source = await writablePull(context, input.pullRequestId)
    const { repository, pull } = source
    const request = {
      actor: context.actor.account,
      jump: input.jump === true,
      expectedHeadSha: input.expectedHeadOid ?? undefined,
    }
    const enqueued = await context.world.mergeQueues.enqueue(repository, pull, request)
    if (!enqueued.ok) throw new QueryError('UNPROCESSABLE', enqueued.problem)
    return {
      clientMutationId: input.clientMutationId ?? null,
      mergeQueueEntry: { repository, pull, entry: enqueued.entry },
    }
  },
  async dequeuePullRequest(_source, { input }: { input: { id: string; clientMutationId?: string | null } }, context) {
    const source = await writablePull(context, input.id)
    const queued = entryOf(source)
    if (queued === null) throw new QueryError('UNPROCESSABLE', 'Pull request is not in the queue.')
    await context.world.mergeQueues.dequeue(source.repository, queued.entry, context.actor.account)
    return { clientMutationId: input.clientMutationId ?? null, mergeQueueEntry: queued }
  },
}

async function writablePull(context: QueryContext, id: string): Promise<PullSource> {
  const found = await findNode(context, id)
  if (!isPull(found)) {
    throw new QueryError('NOT_FOUND', `Could not resolve to a PullRequest node with the global id of '${id}'`)
  }
  requirePermission(context, found.repository, CONTENTS)
  requirePermission(context, found.repository, PULLS)
  return found
}

function isPull(value: unknown): value is PullSource {
  return typeof value === 'object' && value !== null && '__typename' in value && value.__typename === 'PullRequest'
}
