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

export interface RunningProcess<State, Event extends object, Action> {
  /** Resolves to the final state. Rejects on a bug, or when the first event cannot be journaled; in that case nothing was done. */
  finished: Promise<State>
  /** Runs work from outside as soon as the first event is journaled, in the order of the calls. */
  doFromOutside: (work: OutsideWork<State, Event, Action>) => void
}

/** Runs a process to its end: decide, perform, journal, apply, repeat. */
export function runProcess<State, Event extends object, Action extends TimedAction>(
  definition: Process<State, Event, Action>,
  ports: KernelPorts<State, Event>,
  { event: body, begin }: Opening<State, Event>,
): RunningProcess<State, Event, Action> {
  const waiting: OutsideWork<State, Event, Action>[] = []
  let doNow = (work: OutsideWork<State, Event, Action>): void => void waiting.push(work)
  const run = async (): Promise<State> => {
    const event = { ...body, at: ports.clock.now() }
    await ports.journal.append(event)
    const state = begin(event)
    ports.reporter.report(event, state)
    const loop = createLoop(definition, ports, { state, at: event.at })
    doNow = loop.doFromOutside
    for (const work of waiting) loop.doFromOutside(work)
    return loop.run()
  }
  return { finished: run(), doFromOutside: (work) => doNow(work) }
}

function createLoop<State, Event extends object, Action extends TimedAction>(
  definition: Process<State, Event, Action>,
  ports: KernelPorts<State, Event>,
  opening: { state: State; at: number },
) {
  const { clock } = ports
  const log = createEventLog(definition, ports, opening)
  const inFlight = new Set<string>()
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
        while (!definition.isOver(log.state())) {
          if (bug) throw bug.error
          await waitUntil(startDue())
        }
      } finally {
        alarm.set(Infinity)
        wakeUpAlarm.set(Infinity)
      }
      return log.state()
    },
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
