import { usableFlows } from '../../flows/catalog.js'
import type { FlowPorts } from '../../flows/receive-event.js'
import { failureText } from '../../lib/failure-text.js'
import type { Flow } from '../../model/flow/flow.js'
import type { Clock } from '../../ports/clock.js'
import type { Log } from '../operations/log.js'
import type { ScheduleTable } from '../schedule/schedule-table.js'

/** A flow that polls. */
export type PollingFlow = Flow & { on: { poll: NonNullable<Flow['on']['poll']> } }

export interface FlowPollOptions {
  ports: Pick<FlowPorts, 'readFlows' | 'store'>
  table: Pick<ScheduleTable, 'handledUntil' | 'claim'>
  clock: Clock
  log: Log
  /** Executes the command of a flow, and receives what it prints. */
  poll: (flow: PollingFlow, signal: AbortSignal) => Promise<void>
}

/** The longest wait until the flows are read again, ms: a flow may poll now. */
const longestWaitMs = 30_000
/** The wait for a command that is still being ended, ms. */
const endingMs = 1_000

/**
 * Lets each flow that polls do so every so often, until the signal aborts. Any number of processes may call this: the one that claims an interval
 * polls in it. The first poll is at once.
 */
export async function runFlowPolls(options: FlowPollOptions, signal: AbortSignal): Promise<void> {
  const { ports, clock, log } = options
  const polls = new Polls(options, signal)
  while (!signal.aborted) {
    let nextAt = Infinity
    try {
      for (const flow of await readPolling(ports)) nextAt = Math.min(nextAt, await polls.startDue(flow))
    } catch (error) {
      log.error({ error: failureText(error) }, 'the polls of the flows could not be looked at; trying again')
    }
    await clock.sleep(Math.min(longestWaitMs, Math.max(0, nextAt - clock.now())), signal)
  }
  await polls.whenEnded()
}

async function readPolling({ readFlows, store }: FlowPollOptions['ports']): Promise<PollingFlow[]> {
  const usable = usableFlows(await readFlows(), await store.disabledFlows())
  return [...usable.values()].filter(({ isDisabled }) => !isDisabled).flatMap(({ flow }) => (polls(flow) ? [flow] : []))
}

function polls(flow: Flow): flow is PollingFlow {
  return flow.on.poll !== null
}

/** The polls of this process. */
class Polls {
  readonly #options: FlowPollOptions
  readonly #signal: AbortSignal
  /** When the next interval begins, as far as this process knows. */
  readonly #nextAt = new Map<string, number>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(options: FlowPollOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  /** Starts the poll of a flow if it is due and no other process has it. Returns when it is due next. */
  async startDue(flow: PollingFlow): Promise<number> {
    const { table, clock } = this.#options
    const { everyMs } = flow.on.poll
    // A new interval counts at once.
    const key = `flow:${flow.name}:poll:${everyMs}`
    const now = clock.now()
    if (this.#running.has(flow.name)) return Math.max(now + endingMs, this.#nextAt.get(key) ?? 0)
    const known = this.#nextAt.get(key) ?? (await table.handledUntil(key, now))
    if (known <= now && (await table.claim(key, now, now + everyMs))) {
      this.#running.set(flow.name, this.#poll(flow))
      this.#nextAt.set(key, now + everyMs)
    } else this.#nextAt.set(key, known > now ? known : await table.handledUntil(key, now))
    return this.#nextAt.get(key) ?? now
  }

  async whenEnded(): Promise<void> {
    await Promise.all(this.#running.values())
  }

  /** Never rejects. */
  async #poll(flow: PollingFlow): Promise<void> {
    const { poll, log } = this.#options
    try {
      await poll(flow, this.#signal)
    } catch (error) {
      log.error({ flow: flow.name, error: failureText(error) }, 'the events of a poll could not be kept')
    } finally {
      this.#running.delete(flow.name)
    }
  }
}
