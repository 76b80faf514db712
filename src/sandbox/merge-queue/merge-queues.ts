import { mergeability } from '../core/pulls.js'
import { branchSha } from '../core/revisions.js'
import { hasMergeQueue, requiredResult } from '../core/rules.js'
import type { QueueEntry } from '../state/merge-queue.js'
import type { Account, PullRequest, Repository, WorkflowRun } from '../state/model.js'
import { emitPull } from '../webhooks/events/pull-request.js'
import type { EnqueueRequest, EnqueueResult, MergeQueues, World } from '../world.js'
import { advanceQueues, removeEntry } from './advance-queue.js'
import { queueRuleOf } from './queue-rule.js'

/** Runs the merge queues of all repositories. Each repository's is advanced by one task at a time, after each change of the repository. */
export class MergeQueueRunner implements MergeQueues {
  readonly #world: () => World
  readonly #report: (problem: string) => void
  readonly #tasks = new Map<number, Promise<void>>()
  /** Repositories that changed while their task ran. */
  readonly #changed = new Set<number>()
  readonly #timeouts = new Set<AbortController>()
  #isClosed = false

  /** `report` takes a defect of the sandbox. */
  constructor(world: () => World, report: (problem: string) => void) {
    this.#world = world
    this.#report = report
  }

  async enqueue(repository: Repository, pull: PullRequest, request: EnqueueRequest): Promise<EnqueueResult> {
    const world = this.#world()
    const problem = await enqueueProblem(world, repository, pull, request)
    if (problem !== null) return { ok: false, problem }
    const { actor, jump } = request
    const entry: QueueEntry = {
      id: world.directory.newId(),
      pullNumber: pull.number,
      headSha: pull.headSha,
      enqueuerId: actor.id,
      enqueuedAt: world.clock.now(),
      jump,
      group: null,
    }
    repository.mergeQueue = jump ? [entry, ...repository.mergeQueue] : [...repository.mergeQueue, entry]
    emitPull(world, repository, pull, { action: 'enqueued', sender: actor })
    world.changed(repository)
    return { ok: true, entry }
  }

  async dequeue(repository: Repository, entry: QueueEntry, actor: Account): Promise<void> {
    await removeEntry(this.#world(), repository, entry, { reason: 'MANUAL', sender: actor })
  }

  /** Must be called after each change, with what changed. */
  changed(...what: (Repository | WorkflowRun)[]): void {
    for (const each of what) if ('mergeQueue' in each && each.mergeQueue.length > 0) this.#advance(each)
  }

  async idle(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks.values())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timeout of this.#timeouts) timeout.abort()
    await this.idle()
  }

  #advance(repository: Repository): void {
    this.#changed.add(repository.id)
    if (this.#isClosed || this.#tasks.has(repository.id)) return
    const task = this.#run(repository)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
        this.#report(`A merge queue could not be advanced: ${reason}`)
      })
      .finally(() => this.#tasks.delete(repository.id))
    this.#tasks.set(repository.id, task)
  }

  async #run(repository: Repository): Promise<void> {
    // The request that caused the change gets its answer first.
    await Promise.resolve()
    while (this.#changed.delete(repository.id) && !this.#isClosed) await advanceQueues(this.#world(), repository)
    this.#awaitTimeouts(repository)
  }

  /** Advances the queue again when the checks of its oldest group are late. */
  #awaitTimeouts(repository: Repository): void {
    const { clock } = this.#world()
    const deadlines = repository.mergeQueue.flatMap(({ pullNumber, group }) => {
      const rule = queueRuleOf(repository, repository.pulls.get(pullNumber)?.baseRef ?? '')
      return group === null || rule === null ? [] : [group.createdAt + rule.checkResponseTimeoutMs]
    })
    if (deadlines.length === 0 || this.#isClosed) return
    const timeout = new AbortController()
    this.#timeouts.add(timeout)
    void clock.sleep(Math.min(...deadlines) - clock.now(), timeout.signal).then(() => {
      this.#timeouts.delete(timeout)
      this.changed(repository)
    })
  }
}

/** Returns why a pull request cannot be added to the queue of its base; null if it can. */
async function enqueueProblem(
  world: World,
  repository: Repository,
  pull: PullRequest,
  { expectedHeadSha }: EnqueueRequest,
): Promise<string | null> {
  const baseSha = await branchSha(world, repository, pull.baseRef)
  if (baseSha === null || !hasMergeQueue(repository, pull.baseRef)) {
    return `The branch ${pull.baseRef} does not have a merge queue.`
  }
  if (queueRuleOf(repository, pull.baseRef) === null) return 'The sandbox does not support rebase merges.'
  if (pull.state === 'closed') return 'Pull request is closed.'
  if (pull.draft) return 'Pull request is in draft state.'
  if (expectedHeadSha !== undefined && expectedHeadSha !== pull.headSha) {
    return `Expected head sha ${expectedHeadSha} does not match ${pull.headSha}.`
  }
  if (repository.mergeQueue.some(({ pullNumber }) => pullNumber === pull.number)) {
    return 'Pull request is already in the queue.'
  }
  const { mergeable } = await mergeability(world, repository, pull)
  if (mergeable !== true) return 'Pull request is not mergeable.'
  const result = requiredResult(world, repository, pull.baseRef, pull.headSha)
  return result === 'success' ? null : `Pull request has required checks that are ${result}.`
}
