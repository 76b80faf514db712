import type { Event, EventBody } from '../../model/build/events.js'
import type { InterruptionCause, Orchestration } from '../../model/build/orchestration.js'
import { deadlineOf } from '../../model/build/orchestration.js'
import type { Clock } from '../../ports/clock.js'
import type { Host } from '../../ports/host/host.js'
import type { Journal } from '../../ports/journal.js'
import type { Reporter } from '../../ports/reporter.js'
import { actionKey } from './decide/actions.js'
import type { Action } from './decide/actions.js'
import { IncrementalDecider } from './schedule/incremental-decider.js'
import { createAlarm } from '../kernel/alarm.js'
import { apply, begin } from './state/apply.js'
import { createEventLog } from '../kernel/event-log.js'
import type { EventLog } from '../kernel/event-log.js'
import { perform } from './perform/perform.js'
import type { ActionContext } from './perform/action-context.js'

/** What an orchestration is driven with. */
export interface Ports {
  github: Host
  clock: Clock
  journal: Journal
  reporter: Reporter
}

/** A running orchestration. */
export interface Drive {
  /** Resolves to the finished orchestration, or to one that is suspended because the token is refused. Rejects on a bug, or when not even the first event could be journaled: then nothing was done. */
  finished: Promise<Orchestration>
  /** Cancels what was started, closes the statuses, and finishes within five seconds. Only the first call counts. */
  interrupt(signal: string): void
  /** Cancels what was started, however long it takes, and ends. `by`: what asked for it. */
  cancel(by: string): void
}

/** Begins an orchestration and drives it to its end: decide, perform, journal, apply, and again. */
export function drive(ports: Ports, start: Omit<Extract<EventBody, { type: 'started' }>, 'type'>): Drive {
  return driveFrom(ports, async () => {
    const event: Extract<Event, { type: 'started' }> = { ...start, type: 'started', at: ports.clock.now() }
    await ports.journal.append(event)
    const first = begin(event)
    ports.reporter.report(event, first)
    return first
  })
}

/** Goes on with an orchestration that another process left unfinished: `orchestration` is the fold of its journal. */
export function resume(ports: Ports, orchestration: Orchestration): Drive {
  return driveFrom(ports, async () => {
    const event: Event = { type: 'resumed', at: ports.clock.now() }
    await ports.journal.append(event)
    const first = apply(orchestration, event)
    ports.reporter.report(event, first)
    return first
  })
}

function driveFrom(ports: Ports, enter: () => Promise<Orchestration>): Drive {
  let interruptedBy: Parameters<Interrupt> | null = null
  let interruptLoop: Interrupt | null = null
  const run = async (): Promise<Orchestration> => {
    const loop = createLoop(ports, createEventLog(ports, await enter()))
    interruptLoop = loop.interrupt
    if (interruptedBy !== null) loop.interrupt(...interruptedBy)
    return loop.run()
  }
  const interrupt: Interrupt = (signal, cause) => {
    interruptedBy ??= [signal, cause]
    interruptLoop?.(signal, cause)
  }
  return {
    finished: run(),
    interrupt: (signal) => interrupt(signal, 'signal'),
    cancel: (by) => interrupt(by, 'cancel'),
  }
}

type Interrupt = (signal: string, cause: InterruptionCause) => void

function createLoop(ports: Ports, log: EventLog) {
  const { clock } = ports
  const underWay = new Set<string>()
  /** What waits until nothing is under way. */
  const held: string[] = []
  let bug: { error: unknown } | null = null
  let wake: () => void = () => undefined
  const alarm = createAlarm(clock, () => wake())
  const lastAlarm = createAlarm(clock, () => wake())
  const { agenda, release, named, wouldBeNamed } = createNaming(clock, log.state)
  const { state, emit, emitIf } = log
  const stage: ActionContext = {
    github: ports.github,
    clock,
    pending: named,
    wouldBePending: wouldBeNamed,
    state,
    emit,
    emitIf,
  }

  const follow = (key: string, work: Promise<unknown>): void => {
    underWay.add(key)
    void work
      .catch((error: unknown) => {
        bug ??= { error }
      })
      .then(() => {
        underWay.delete(key)
        release(key)
        wake()
      })
  }

  /** Starts every action that is due and not under way; returns when the next one is due, ms, UTC. */
  const startDue = (): number => {
    for (const key of held.splice(0)) release(key)
    for (const action of agenda().take()) {
      const key = actionKey(action)
      if (action.type === 'suspend' && underWay.size > 0) held.push(key)
      else follow(key, perform(stage, action))
    }
    return agenda().nextAt()
  }

  const waitUntil = (time: number): Promise<void> => {
    if (time === Infinity && underWay.size === 0) throw new Error('the orchestration has nothing to do and no end')
    const woken = new Promise<void>((resolve) => (wake = resolve))
    alarm.set(time)
    return woken
  }

  return {
    run: async (): Promise<Orchestration> => {
      log.onChange(() => wake())
      // What is under way may wait long for its turn at GitHub: the end of the whole time is not to be slept through.
      const deadline = deadlineOf(log.state())
      if (deadline > clock.now()) lastAlarm.set(deadline)
      try {
        while (!isOver(log.state())) {
          if (bug) throw bug.error
          await waitUntil(startDue())
        }
      } finally {
        alarm.set(Infinity)
        lastAlarm.set(Infinity)
      }
      return log.state()
    },
    interrupt: (signal: string, cause: InterruptionCause): void => {
      follow(`interrupt by ${cause}`, log.emit({ type: 'interrupted', signal, cause }))
    },
  }
}

/** Whether this process has nothing more to do: it has ended, or waits for a good token. */
function isOver({ ending, isSuspended }: Orchestration): boolean {
  return ending !== null || isSuspended
}

/** What is named at this moment: the agenda is brought up to it whenever it is asked. */
function createNaming(clock: Clock, state: () => Orchestration) {
  const kept = new IncrementalDecider(state())
  const agenda = (): IncrementalDecider => {
    kept.update(state(), clock.now())
    return kept
  }
  return {
    agenda,
    release: (key: string): void => kept.release(key),
    named: (key: string): Action | undefined => agenda().pending(key),
    wouldBeNamed: (otherwise: Orchestration, key: string): boolean => {
      kept.update(otherwise, clock.now())
      const isNamed = kept.pending(key) !== undefined
      kept.update(state(), clock.now())
      return isNamed
    },
  }
}
