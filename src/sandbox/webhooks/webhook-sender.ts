import { randomUUID } from 'node:crypto'

import pLimit from 'p-limit'
import type { LimitFunction } from 'p-limit'

import type { DeliveryTrouble } from '../fault-actions.js'
import { nodeId } from '../present/common.js'
import type { DeliveryStore } from '../state/delivery-store.js'
import type { Hook, HookDelivery, HookOwner } from '../state/hook.js'
import type { Account } from '../state/model.js'
import type { Webhooks, World } from '../world.js'
import type { WebhookEvent } from './event.js'
import { payloadOf } from './payload.js'
import { pingOf } from './ping.js'
import type { Send } from './post.js'
import { hookRequest, lastResponseOf, MAX_PAYLOAD_BYTES, post } from './post.js'
import type { Recipient } from './recipients.js'
import { HookIndex, recipientsOf } from './recipients.js'

/** The number of requests to the receiver of one hook at the same time. */
const CONCURRENT_REQUESTS = 20
/** GitHub shows the deliveries of three days. */
const SHOWN_MS = 3 * 86_400_000
/** The time that a fault holds a delivery back if no other one of the hook follows. */
const REORDER_MS = 10_000

export interface WebhookSenderOptions {
  world: () => World
  deliveries: DeliveryStore
  send: Send
  /** Returns what the faults do to a delivery. */
  trouble: (delivery: { event: string; path: string }) => DeliveryTrouble
  /** Schedules a write of the deliveries and of the hooks' last responses, which are no change that a read could miss. */
  save: () => void
  /** Reports a defect of the sandbox, which must not fail the request that caused the event. */
  report: (problem: string) => void
}

type Message = Pick<HookDelivery, 'guid' | 'event' | 'action' | 'installationId' | 'repositoryId' | 'redelivery'> & {
  payload: string
}

/** Delivers events to webhooks, each delivery on its own: the order is not kept, and a failed one is not repeated. */
export class WebhookSender implements Webhooks {
  readonly #options: WebhookSenderOptions
  readonly #hooks: HookIndex
  readonly #limits = new Map<number, LimitFunction>()
  readonly #pending = new Set<Promise<void>>()
  /** Deliveries that a fault holds back until the next one of their hook, by hook. */
  readonly #held = new Map<number, AbortController>()
  /** What is on its way. Each has its own signal, because Node warns of a leak when more than ten listeners share one. */
  readonly #waiting = new Set<AbortController>()
  /** Resolves when the payloads of all earlier events are built. */
  #built = Promise.resolve()
  #isClosed = false

  constructor(options: WebhookSenderOptions, hooks: Iterable<Hook>) {
    this.#options = options
    this.#hooks = new HookIndex(hooks)
  }

  hooksOf(owner: HookOwner): Hook[] {
    return this.#hooks.of(owner)
  }

  addHook(hook: Hook, sender: Account): void {
    const world = this.#options.world()
    world.directory.state.hooks.set(hook.id, hook)
    this.#hooks.add(hook)
    world.changed()
    if (hook.active) this.deliverTo(hook, pingOf(world, hook, sender))
  }

  removeHook(hook: Hook): void {
    const world = this.#options.world()
    world.directory.state.hooks.delete(hook.id)
    this.#hooks.remove(hook)
    this.#limits.delete(hook.id)
    this.#options.deliveries.remove(hook.id)
    world.changed()
  }

  deliveriesOf(hook: Hook): HookDelivery[] {
    const earliest = this.#options.world().clock.now() - SHOWN_MS
    return this.#options.deliveries.of(hook.id).filter(({ deliveredAt }) => deliveredAt >= earliest)
  }

  emit(event: WebhookEvent): void {
    const world = this.#options.world()
    const recipients = recipientsOf(world, this.#hooks, event)
    if (recipients.length > 0) this.#deliver(event, recipients)
  }

  deliverTo(hook: Hook, event: WebhookEvent): void {
    this.#deliver(event, [{ hook, installationId: null }])
  }

  redeliver(hook: Hook, delivery: HookDelivery): void {
    const { guid, event, action, installationId, repositoryId, request } = delivery
    const message = { guid, event, action, installationId, repositoryId, redelivery: true, payload: request.payload }
    this.#track(this.#post(hook, message))
  }

  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiting of this.#waiting) waiting.abort()
    await this.idle()
  }

  #deliver(event: WebhookEvent, recipients: Recipient[]): void {
    const message = {
      guid: randomUUID(),
      event: event.name,
      action: event.action ?? null,
      repositoryId: event.repository?.id ?? null,
      redelivery: false,
    }
    // Not awaited: the request that caused the event must not wait, and the payload shows the state of now.
    const payload = payloadOf(this.#options.world(), event)
    const previous = this.#built
    this.#built = Promise.allSettled([previous, payload]).then(() => undefined)
    this.#track(
      payload.then(async (content) => {
        // Payloads take different times, and as on GitHub most deliveries leave in the order of their events.
        await previous
        const sent = recipients.map(async ({ hook, installationId }) => {
          // The events of installations themselves show the whole installation.
          const text = JSON.stringify({ ...presentOptionalInstallation(installationId), ...content })
          await this.#send(hook, { ...message, installationId, payload: text })
        })
        await Promise.all(sent)
      }),
    )
  }

  /** As on GitHub, an event whose payload exceeds the limit is not delivered. */
  async #send(hook: Hook, message: Message): Promise<void> {
    if (Buffer.byteLength(message.payload) > MAX_PAYLOAD_BYTES) return
    const { pathname: path } = new URL(hook.config.url)
    const trouble = this.#options.trouble({ event: message.event, path })
    this.#held.get(hook.id)?.abort()
    if (trouble.isLost) return
    if (trouble.isReordered) await this.#hold(hook)
    const { clock } = this.#options.world()
    if (trouble.delayMs > 0) await this.#untilClosed(({ signal }) => clock.sleep(trouble.delayMs, signal))
    await Promise.all(Array.from({ length: trouble.isDoubled ? 2 : 1 }, () => this.#post(hook, message)))
  }

  async #hold(hook: Hook): Promise<void> {
    await this.#untilClosed(async (held) => {
      this.#held.set(hook.id, held)
      await this.#options.world().clock.sleep(REORDER_MS, held.signal)
      this.#held.delete(hook.id)
    })
  }

  /** Waits with a controller that aborts when the sandbox closes. */
  async #untilClosed<Value>(wait: (controller: AbortController) => Promise<Value>): Promise<Value> {
    const controller = new AbortController()
    if (this.#isClosed) controller.abort()
    this.#waiting.add(controller)
    try {
      return await wait(controller)
    } finally {
      this.#waiting.delete(controller)
    }
  }

  #post(hook: Hook, message: Message): Promise<void> {
    const limit = this.#limits.get(hook.id) ?? pLimit(CONCURRENT_REQUESTS)
    this.#limits.set(hook.id, limit)
    return limit(() => this.#postNow(hook, message))
  }

  async #postNow(hook: Hook, { payload, ...message }: Message): Promise<void> {
    const { deliveries, send } = this.#options
    const world = this.#options.world()
    const { clock, directory } = world
    if (directory.state.hooks.get(hook.id) !== hook) return
    const deliveredAt = clock.now()
    const id = deliveries.newId()
    const { url } = hook.config
    const request = hookRequest(hook, { ...message, payload })
    const result = await this.#untilClosed(({ signal: closed }) => post(url, request, { clock, send, closed }))
    if (directory.state.hooks.get(hook.id) !== hook) return
    hook.lastResponse = lastResponseOf(result)
    deliveries.add({
      id,
      hookId: hook.id,
      ...message,
      deliveredAt,
      durationMs: clock.now() - deliveredAt,
      url,
      status: result.status,
      statusCode: result.statusCode,
      request: { headers: request.headers, payload },
      response: result.response,
    })
    this.#options.save()
  }

  #track(task: Promise<void>): void {
    const tracked = task
      .catch((error: unknown) => {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
        this.#options.report(`A webhook could not be delivered: ${reason}`)
      })
      .finally(() => this.#pending.delete(tracked))
    this.#pending.add(tracked)
  }
}

/** `simple-installation` of GitHub's description of its webhooks, for the hook of an App. */
function presentOptionalInstallation(id: number | null): Record<string, unknown> {
  return id === null ? {} : { installation: { id, node_id: nodeId('Installation', id) } }
}
