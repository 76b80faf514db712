import type { Clock } from '../../ports/clock.js'
import type { Journal, Timed } from '../../ports/journal.js'
import type { Reporter } from '../../ports/reporter.js'
import { createAlarm } from './alarm.js'
import { createEventLog } from './event-log.js'
import { createPlainDecider } from './plain-decider.js'
import type { Decider, Process, ProcessContext, TimedAction } from './process.js'

/** The ports that the kernel needs to run a process. */
export interface KernelPorts<State, Event extends object> {
  clock: Clock
  journal: Journal<Event>
  reporter: Reporter<Event, State>
  /**
   * What happens when the journal cannot be written. `journal-lost` (the default): the event of that name is applied. `hand-over`: the
   * process is handed over, because a journal that other processes share may have another writer already.
   */
  onJournalFailure?: 'journal-lost' | 'hand-over' | undefined
}

/** The first event of this operating-system process and the state after it: the start of a process, or its resumption. */
export interface Opening<State, Event extends object> {
  event: Event
  begin: (event: Timed<Event>) => State
}

/** Work from outside the loop, such as an interruption. Rejects only on a bug. */
export type OutsideWork<State, Event extends object, Action> = (
  context: ProcessContext<State, Event, Action>,
) => Promise<void>

/**
 * `gracefully`: requests in flight may end within three seconds, and their events are journaled. `at-once`: another process may drive the
 * process already, so nothing more is journaled.
 */
export type HandOver = 'gracefully' | 'at-once'

export interface RunningProcess<State, Event extends object, Action> {
  /**
   * Resolves to the final state, or to the state at which the process was handed over. Rejects on a bug, or when the first event cannot be
   * journaled; in that case nothing was done.
   */
  finished: Promise<State>
  /**
   * Ends this operating-system process's part of the process: no action starts, no intent is journaled, nothing is cancelled. The journal
   * can be resumed. A process that is over by then stays over.
   */
  handOver: (how: HandOver) => void
  /** Runs work from outside as soon as the first event is journaled, in the order of the calls. */
  doFromOutside: (work: OutsideWork<State, Event, Action>) => void
}

/** Runs a process to its end: decide, perform, journal, apply, repeat. */
export function runProcess<State, Event extends object, Action extends TimedAction>(
  definition: Process<State, Event, Action>,
  ports: KernelPorts<State, Event>,
  { event: body, begin }: Opening<State, Event>,
): RunningProcess<State, Event, Action> {
  const waiting: ((loop: ReturnType<typeof createLoop<State, Event, Action>>) => void)[] = []
  let withLoop = (work: (typeof waiting)[number]): void => void waiting.push(work)
  const run = async (): Promise<State> => {
    const event = Object.assign(body, { at: ports.clock.now() })
    await ports.journal.append(event)
    const state = begin(event)
    ports.reporter.report(event, state)
    const loop = createLoop(definition, ports, { state, at: event.at })
    withLoop = (work) => work(loop)
    for (const work of waiting) work(loop)
    return loop.run()
  }
  return {
    finished: run(),
    handOver: (how) => withLoop((loop) => loop.handOver(how)),
    doFromOutside: (work) => withLoop((loop) => loop.doFromOutside(work)),
  }
}

/** The time that requests in flight have to end when a process is handed over gracefully, ms. */
const handOverTimeoutMs = 3_000

function createLoop<State, Event extends object, Action extends TimedAction>(
  definition: Process<State, Event, Action>,
  ports: KernelPorts<State, Event>,
  opening: { state: State; at: number },
) {
  const { clock } = ports
  const onJournalLost = ports.onJournalFailure === 'hand-over' ? () => handOver('at-once') : undefined
  const log = createEventLog(definition, { ...ports, onJournalLost }, opening)
  const inFlight = new Set<string>()
  /** The deadline of the requests in flight, ms, UTC; null: the process is not being handed over. */
  let handOverAt: number | null = null
  /** Keys of actions that start only when nothing is in flight. */
  const held: string[] = []
  let bug: { error: unknown } | null = null
  let wake: () => void = () => undefined
  let outsideWorkCount = 0
  const alarm = createAlarm(clock, () => wake())
  const wakeUpAlarm = createAlarm(clock, () => wake())
  const decider = definition.createDecider?.(log.state()) ?? createPlainDecider(definition.decide, definition.actionKey)
  const context = createContext(clock, log, decider)

  const track = (key: string, work: Promise<unknown>): void => {
    inFlight.add(key)
    void work
      .catch((error: unknown) => {
        bug ??= { error }
      })
      .then(() => {
        inFlight.delete(key)
        decider.release(key)
        wake()
      })
  }

  /** Starts every action that is due and not in flight; returns the time at which the next one is due, ms, UTC. */
  const startDue = (): number => {
    for (const key of held.splice(0)) decider.release(key)
    decider.update(log.state(), clock.now())
    for (const action of decider.take()) {
      const key = definition.actionKey(action)
      if (definition.startsAlone(action) && inFlight.size > 0) held.push(key)
      else track(key, definition.perform(context, action))
    }
    decider.update(log.state(), clock.now())
    return decider.nextAt()
  }

  const handOver = (how: HandOver): void => {
    log.refuseIntents()
    if (how === 'at-once') log.close()
    handOverAt = Math.min(handOverAt ?? Infinity, how === 'at-once' ? clock.now() : clock.now() + handOverTimeoutMs)
    wake()
  }

  const isHandedOver = (): boolean => handOverAt !== null && (inFlight.size === 0 || clock.now() >= handOverAt)

  const waitUntil = (time: number): Promise<void> => {
    if (time === Infinity && inFlight.size === 0) throw new Error('the process has nothing to do and no end')
    const woken = new Promise<void>((resolve) => (wake = resolve))
    alarm.set(time)
    return woken
  }

  return {
    run: async (): Promise<State> => {
      log.onChange(() => wake())
      // A request in flight may wait long in the limiter: the loop must not sleep past this time.
      const wakeAt = definition.wakeAt(log.state())
      if (wakeAt > clock.now()) wakeUpAlarm.set(wakeAt)
      try {
        while (!definition.isOver(log.state()) && !isHandedOver()) {
          if (bug) throw bug.error
          await waitUntil(handOverAt ?? startDue())
        }
      } finally {
        log.close()
        alarm.close()
        wakeUpAlarm.close()
      }
      return log.state()
    },
    handOver,
    doFromOutside: (work: OutsideWork<State, Event, Action>): void => {
      outsideWorkCount += 1
      track(`from outside ${outsideWorkCount}`, work(context))
    },
  }
}

/** Updates the decider to the current state and time before each query. */
function createContext<State, Event extends object, Action>(
  clock: Clock,
  { state, emit, emitIntent }: Pick<ProcessContext<State, Event, Action>, 'state' | 'emit' | 'emitIntent'>,
  decider: Decider<State, Action>,
): ProcessContext<State, Event, Action> {
  return {
    clock,
    state,
    emit,
    emitIntent,
    pending: (key) => {
      decider.update(state(), clock.now())
      return decider.pending(key)
    },
    wouldBePending: (otherwise, key) => {
      decider.update(otherwise, clock.now())
      const isPending = decider.pending(key) !== undefined
      decider.update(state(), clock.now())
      return isPending
    },
  }
}
