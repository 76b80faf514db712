import pLimit from 'p-limit'
import { failureText } from '../../lib/failure-text.js'
import { ownerProblem, repositoryProblem } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import { DatabaseUnreachable } from '../database/unreachable.js'
import type { Durable, StartTask, TaskContext } from '../durable/durable.js'
import type { Log } from '../operations/log.js'
import type { Metrics } from '../operations/metrics.js'
import type { Deliveries, FullDelivery } from './delivery.js'
import { DeliveryTable } from './delivery-table.js'
import type { Unstarted } from './delivery-table.js'
import type { NewDelivery } from './insert-deliveries.js'
import { receiveWebhook } from './receive-webhook.js'
import type { Acceptance, SignedDelivery } from './receive-webhook.js'

const day = 86_400_000
/** GitHub redelivers for three days; a few more are for people who look at what happened. */
const payloadsKeptMs = 7 * day
const rowsKeptMs = 30 * day
/** A delivery whose handling keeps failing is given up then, as GitHub gives up deliveries that failed. */
const repeatedForMs = 3 * day
const sweepIntervalMs = 60_000
const pruneIntervalMs = 3_600_000
/** Tasks are started this many at a time, so that deliveries that arrive in a crowd are stored before they are handled. */
const startsAtOnce = 4
const sweepBatch = 1_000

/** Handles one delivery. Called again after a crash, so it must be safe to repeat. Resolves to what was done, for a reader. */
export type HandleDelivery = (delivery: FullDelivery, context: TaskContext) => Promise<string>

/** What is counted about deliveries. */
export type DeliveryMetrics = Pick<Metrics, 'webhookReceived' | 'webhookHandled'>

export interface DeliveriesOptions {
  database: Database
  durable: Durable
  clock: Clock
  log: Log
  secrets: readonly string[]
  metrics: DeliveryMetrics
  /** Why nothing is to be done for a delivery; null: it is to be handled. Pure. */
  ignoredFor: (delivery: { event: string; payload: unknown }) => string | null
  handle: HandleDelivery
  /** Whether a delivery is handled at once, without a task that survives this process: the next sweep repeats it after a crash. Pure. */
  isHint: (delivery: { event: string; payload: unknown }) => boolean
}

/** The deliveries of this service: accepts, keeps and handles them. */
export class DeliveryService implements Deliveries {
  private readonly options: DeliveriesOptions
  private readonly table: DeliveryTable
  private readonly startTask: StartTask<Unstarted>
  private readonly startSlot = pLimit(startsAtOnce)
  /** When old deliveries are removed next, ms, UTC. */
  private pruneAt = -Infinity
  /** The last delivery, if it could not be stored; null: it was stored, or a later attempt has shown that it could be. */
  private unstored: { delivery: NewDelivery; problem: string } | null = null
  /** Since when deliveries were refused because they could not be stored, ms, UTC; null: none was. */
  private refusedSince: number | null = null

  /** Defines the durable task of deliveries. */
  constructor(options: DeliveriesOptions) {
    this.options = options
    this.table = new DeliveryTable(options.database)
    this.startTask = options.durable.define<Unstarted>('delivery', (input, context) => this.perform(input, context), {
      onFailed: (id, error) => this.repeatLater(id, error),
    })
  }

  /** Answers `POST /webhooks/github`. */
  async receive(request: Request): Promise<Response> {
    const { secrets, clock, log, metrics } = this.options
    const accept = (delivery: SignedDelivery): Promise<Acceptance> => this.accept(delivery)
    const answer = await receiveWebhook(request, { secrets, clock, log, accept })
    if (answer.status === 503) this.refusedSince ??= clock.now()
    metrics.webhookReceived(request.headers.get('x-github-event') ?? '', answer.status)
    return answer
  }

  /** Resolves once the delivery is stored. Its task is started at once, or by the next sweep after a crash. */
  async accept({ id, event, payload, json }: SignedDelivery): Promise<Acceptance> {
    const { clock, ignoredFor } = this.options
    const reason = ignoredFor({ event, payload })
    const receivedAt = clock.now()
    const { action, repository } = readIndex(payload)
    const isNew = await this.store({ id, event, action, repository, receivedAt, json, ignoredFor: reason })
    const outcome = !isNew ? 'repeated' : reason === null ? 'accepted' : 'ignored'
    if (outcome !== 'accepted') return outcome
    const unstarted = { id, attempt: 1 }
    if (!this.options.isHint({ event, payload })) this.startLater(unstarted)
    else
      this.handleHint(unstarted, { id, event, action, repository, receivedAt, payload, handledAt: null, result: null })
    return outcome
  }

  /** False: there is one of this id. */
  private async store(delivery: NewDelivery): Promise<boolean> {
    try {
      const isNew = await this.table.insert(delivery)
      this.unstored = null
      return isNew
    } catch (error) {
      // A database that cannot be reached shows in every statement.
      if (!(error instanceof DatabaseUnreachable)) this.unstored = { delivery, problem: failureText(error) }
      throw error
    }
  }

  list: Deliveries['list'] = (query) => this.table.list(query)

  read: Deliveries['read'] = (id) => this.table.read(id)

  redeliver: Deliveries['redeliver'] = async (id) => {
    const attempt = await this.table.nextAttempt(id)
    if (attempt === null) return { kind: 'absent' }
    await this.start({ id, attempt })
    return { kind: 'started' }
  }

  /** Those of these ids that were accepted before. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return this.table.known(ids)
  }

  /** When the newest delivery was received, ms, UTC; null: there is none. */
  newestAt(): Promise<number | null> {
    return this.table.newestAt()
  }

  /** Why the last delivery could not be stored, one clause; null: it was stored, a later attempt has shown that it could be, or none has arrived. */
  storeProblem(): string | null {
    return this.unstored?.problem ?? null
  }

  /** Since when deliveries were refused because they could not be stored, ms, UTC, since the last call; null: none was. */
  takeRefusals(): number | null {
    const since = this.refusedSince
    this.refusedSince = null
    return since
  }

  /**
   * At once and every minute, until the signal aborts: starts tasks that a crash left out, removes old deliveries, and finds out whether the last
   * delivery could be stored now if it could not before. It was refused, so it is not stored: GitHub delivers it again.
   */
  async sweep(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options
    while (!signal.aborted) {
      try {
        await this.sweepOnce()
      } catch (error) {
        log.warn({ error: failureText(error) }, 'deliveries could not be swept')
      }
      await clock.sleep(sweepIntervalMs, signal)
    }
  }

  private async sweepOnce(): Promise<void> {
    for (const each of await this.table.unstarted(sweepBatch)) await this.start(each)
    const now = this.options.clock.now()
    if (now >= this.pruneAt) {
      this.pruneAt = now + pruneIntervalMs
      await this.table.prune({ payloadsBefore: now - payloadsKeptMs, rowsBefore: now - rowsKeptMs })
    }
    const { unstored } = this
    if (unstored === null) return
    await this.table.tryInsert(unstored.delivery)
    if (this.unstored === unstored) this.unstored = null
  }

  private startLater(unstarted: Unstarted): void {
    this.startSlot(() => this.start(unstarted)).catch((error: unknown) => {
      const fields = { delivery: unstarted.id, error: failureText(error) }
      this.options.log.warn(fields, 'the task of the delivery could not be started; it is tried again within a minute')
    })
  }

  private handleHint(unstarted: Unstarted, delivery: FullDelivery): void {
    const context = { id: unstarted.id, signal: new AbortController().signal }
    this.handleNow(unstarted, delivery, context).catch((error: unknown) => {
      const fields = { delivery: unstarted.id, error: failureText(error) }
      this.options.log.warn(fields, 'the delivery could not be handled at once; it is tried again within a minute')
    })
  }

  private async start(unstarted: Unstarted): Promise<void> {
    await this.startTask(taskId(unstarted), unstarted)
    await this.table.markStarted(unstarted)
  }

  /** The last repetition of a task failed. It begins again with the next sweep, until the delivery is three days old. */
  private async repeatLater(task: string, error: unknown): Promise<void> {
    const { clock, log } = this.options
    const unstarted = readTaskId(task)
    const now = clock.now()
    const fields = { delivery: unstarted.id, error: failureText(error) }
    if (await this.table.repeatLater(unstarted, now - repeatedForMs)) {
      log.error(fields, 'the delivery could not be handled yet; it is tried again')
      return
    }
    await this.table.markHandled(unstarted, `given up: ${failureText(error)}`, now)
    log.error(fields, 'the delivery could not be handled, and is given up')
  }

  private async perform({ id, attempt }: Unstarted, context: TaskContext): Promise<void> {
    const delivery = await this.table.read(id)
    // It may have been handled before a crash that came before the end of the task.
    if (delivery === null || delivery.handledAt !== null) return
    await this.handleNow({ id, attempt }, delivery, context)
  }

  private async handleNow({ id, attempt }: Unstarted, delivery: FullDelivery, context: TaskContext): Promise<void> {
    const { clock, log, handle, metrics } = this.options
    const result = await handle(delivery, context)
    // Another process repeats it.
    if (context.signal.aborted) return
    const handledAt = clock.now()
    await this.table.markHandled({ id, attempt }, result, handledAt)
    const { event, receivedAt } = delivery
    metrics.webhookHandled(event, handledAt - receivedAt)
    log.info({ delivery: id, event, result, lagMs: handledAt - receivedAt }, 'delivery handled')
  }
}

function taskId({ id, attempt }: Unstarted): string {
  return attempt === 1 ? id : `${id}:${attempt}`
}

function readTaskId(task: string): Unstarted {
  const [id = '', attempt = '1'] = task.split(':')
  return { id, attempt: Number(attempt) }
}

/** The fields by which people look for a delivery. Text that is not what GitHub sends is left out. */
function readIndex(payload: object): { action: string | null; repository: string | null } {
  const action: unknown = 'action' in payload ? payload.action : null
  const repository: unknown = 'repository' in payload ? payload.repository : null
  const isObject = typeof repository === 'object' && repository !== null
  const name: unknown = isObject && 'full_name' in repository ? repository.full_name : null
  return {
    action: typeof action === 'string' && /^[\w.-]{1,100}$/u.test(action) ? action : null,
    repository: typeof name === 'string' && isRepository(name) ? name : null,
  }
}

function isRepository(text: string): boolean {
  const [owner = '', name = '', ...more] = text.split('/')
  return more.length === 0 && ownerProblem(owner) === undefined && repositoryProblem(name) === undefined
}
