import { describe, expect, test } from 'vitest'
import { withIntent } from '../../../../src/engine/kernel/intent.js'
import type { Process, ProcessContext } from '../../../../src/engine/kernel/process.js'
import { runProcess } from '../../../../src/engine/kernel/run-process.js'
import type { RunningProcess } from '../../../../src/engine/kernel/run-process.js'
import type { Journal, Timed } from '../../../../src/ports/journal.js'
import { TestClock } from '../../../support/test-clock.js'

/** A process other than a build: it places one order, then confirms it. */
interface Purchase {
  isRequested: boolean
  /** The process that placed the order ended before the answer came. */
  isAnswerLost: boolean
  order: number | null
  /** The number of orders in the shop when the purchase ended; null if it has not ended. */
  ordersAtEnd: number | null
  abortReason: string | null
}

type PurchaseEvent =
  | { type: 'opened' }
  | { type: 'resumed' }
  | { type: 'order-requested' }
  | { type: 'order-placed'; order: number }
  | { type: 'confirmed'; orders: number }
  | { type: 'aborted'; reason: string }

type PurchaseAction = { type: 'place-order'; at: number } | { type: 'confirm'; at: number }

const unopened: Purchase = {
  isRequested: false,
  isAnswerLost: false,
  order: null,
  ordersAtEnd: null,
  abortReason: null,
}

function apply(before: Purchase, event: Timed<PurchaseEvent>): Purchase {
  switch (event.type) {
    case 'opened':
      return before
    case 'resumed':
      return { ...before, isAnswerLost: before.isRequested && before.order === null }
    case 'order-requested':
      return { ...before, isRequested: true }
    case 'order-placed':
      return { ...before, order: event.order }
    case 'confirmed':
      return { ...before, ordersAtEnd: event.orders }
    case 'aborted':
      return { ...before, abortReason: event.reason }
  }
}

function decide({ isRequested, isAnswerLost, order }: Purchase, now: number): PurchaseAction[] {
  if (!isRequested) return [{ type: 'place-order', at: now }]
  return order !== null || isAnswerLost ? [{ type: 'confirm', at: now }] : []
}

/** A shop whose limiter may delay a request and whose answer may never arrive. */
class Shop {
  readonly orders: number[] = []
  isAnswering = true
  /** How often the port calls `beforeSend`. */
  asks = 1

  async place(beforeSend: () => Promise<boolean>): Promise<number | null> {
    for (let ask = 0; ask < this.asks; ask += 1) if (!(await beforeSend())) return null
    this.orders.push(this.orders.length + 1)
    if (!this.isAnswering) return new Promise(() => undefined)
    return this.orders.length
  }
}

function purchaseFrom(shop: Shop): Process<Purchase, PurchaseEvent, PurchaseAction> {
  const place = async (context: ProcessContext<Purchase, PurchaseEvent, PurchaseAction>): Promise<void> => {
    const intent = {
      key: 'place-order',
      event: () => ({ type: 'order-requested' }) as const,
      again: { isWanted: () => context.state().order === null, isJournaled: false },
    }
    const order = await withIntent(context, intent, (beforeSend) => shop.place(beforeSend))
    if (order !== null) await context.emit({ type: 'order-placed', order })
  }
  return {
    apply,
    isOver: ({ ordersAtEnd, abortReason }) => ordersAtEnd !== null || abortReason !== null,
    comesTooLate: () => false,
    journalLost: (reason) => ({ type: 'aborted', reason }),
    wakeAt: () => Infinity,
    actionKey: ({ type }) => type,
    startsAlone: ({ type }) => type === 'confirm',
    decide,
    perform: (context, { type }) =>
      type === 'place-order' ? place(context) : context.emit({ type: 'confirmed', orders: shop.orders.length }),
  }
}

class EventList implements Journal<PurchaseEvent> {
  readonly events: Timed<PurchaseEvent>[] = []
  /** The type of event that cannot be written. */
  refused: PurchaseEvent['type'] | null = null

  append(event: Timed<PurchaseEvent>): Promise<void> {
    if (event.type === this.refused) return Promise.reject(new Error('the disk is full'))
    this.events.push(event)
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  types(): string[] {
    return this.events.map(({ type }) => type)
  }
}

function setUp() {
  const clock = new TestClock()
  const shop = new Shop()
  const journal = new EventList()
  const reporter = { report: () => undefined, close: () => Promise.resolve() }
  const run = (event: PurchaseEvent, before = unopened): RunningProcess<Purchase, PurchaseEvent, PurchaseAction> =>
    runProcess(purchaseFrom(shop), { clock, journal, reporter }, { event, begin: (timed) => apply(before, timed) })
  return { clock, shop, journal, run }
}

describe('kernel', () => {
  test('the kernel runs a process other than a build to its end and journals its intent before the request', async () => {
    const { clock, shop, journal, run } = setUp()
    const purchase = await clock.until(run({ type: 'opened' }).finished)
    expect(purchase).toMatchObject({ order: 1, ordersAtEnd: 1 })
    expect(shop.orders).toEqual([1])
    expect(journal.types()).toEqual(['opened', 'order-requested', 'order-placed', 'confirmed'])
  })

  test('a process that is killed between an intent and its answer sends no request twice when it is resumed from the journal', async () => {
    const { clock, shop, journal, run } = setUp()
    shop.isAnswering = false
    run({ type: 'opened' }).finished.catch(() => undefined)
    await clock.advance(1_000)
    expect(journal.types()).toEqual(['opened', 'order-requested'])

    const folded = journal.events.reduce(apply, unopened)
    const purchase = await clock.until(run({ type: 'resumed' }, folded).finished)
    expect(purchase).toMatchObject({ isAnswerLost: true, ordersAtEnd: 1 })
    expect(shop.orders).toEqual([1])
    expect(journal.types()).toEqual(['opened', 'order-requested', 'resumed', 'confirmed'])
  })

  test('a request whose intent cannot be journaled is not sent, and the event of the lost journal is applied', async () => {
    const { clock, shop, journal, run } = setUp()
    journal.refused = 'order-requested'
    const purchase = await clock.until(run({ type: 'opened' }).finished)
    expect(purchase.abortReason).toBe('the disk is full')
    expect(shop.orders).toEqual([])
  })

  test('an intent is journaled once when the port asks again before it sends the request', async () => {
    const { clock, shop, journal, run } = setUp()
    shop.asks = 3
    await clock.until(run({ type: 'opened' }).finished)
    expect(shop.orders).toEqual([1])
    expect(journal.types().filter((type) => type === 'order-requested')).toHaveLength(1)
  })

  test('a process accepts work from outside as soon as it has begun and drops an event that comes after its end', async () => {
    const { clock, journal, run } = setUp()
    const purchase = run({ type: 'opened' })
    purchase.doFromOutside(({ emit }) => emit({ type: 'aborted', reason: 'no longer needed' }))
    expect(await clock.until(purchase.finished)).toMatchObject({ abortReason: 'no longer needed' })
    purchase.doFromOutside(({ emit }) => emit({ type: 'aborted', reason: 'too late' }))
    await clock.advance(1_000)
    expect(journal.events.at(-1)).toMatchObject({ reason: 'no longer needed' })
  })

  test('a process that has no action and has not ended fails', async () => {
    const { clock, run } = setUp()
    const stuck = run({ type: 'opened' }, { ...unopened, isRequested: true })
    await expect(clock.until(stuck.finished)).rejects.toThrow('the process has nothing to do and no end')
  })
})
