import type { Event, EventBody } from '../model/events.js'
import type { Graph } from '../model/graph.js'
import type { InterruptionCause, Orchestration } from '../model/orchestration.js'
import { deadlineOf } from '../model/orchestration.js'
import type { Clock } from '../ports/clock.js'
import type { GitHub } from '../ports/github.js'
import type { Journal } from '../ports/journal.js'
import type { Reporter } from '../ports/reporter.js'
import { actionKey } from './actions.js'
import type { Action } from './actions.js'
import { createAlarm } from './alarm.js'
import { apply, begin } from './apply.js'
import { decide } from './decide.js'
import { createEventLog } from './event-log.js'
import type { EventLog } from './event-log.js'
import { perform } from './perform.js'
import type { Stage } from './stage.js'

/** What an orchestration is driven with. */
export interface Ports {
  github: GitHub
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
export function drive(ports: Ports, graph: Graph, start: Omit<Extract<EventBody, { type: 'started' }>, 'type'>): Drive {
  return driveFrom(ports, graph, async () => {
    const event: Extract<Event, { type: 'started' }> = { ...start, type: 'started', at: ports.clock.now() }
    await ports.journal.append(event)
    const first = begin(event)
    ports.reporter.report(event, first)
    return first
  })
}

/** Goes on with an orchestration that another process left unfinished: `orchestration` is the fold of its journal. */
export function resume(ports: Ports, graph: Graph, orchestration: Orchestration): Drive {
  return driveFrom(ports, graph, async () => {
    const event: Event = { type: 'resumed', at: ports.clock.now() }
    await ports.journal.append(event)
    const first = apply(orchestration, event)
    ports.reporter.report(event, first)
    return first
  })
}

function driveFrom(ports: Ports, graph: Graph, enter: () => Promise<Orchestration>): Drive {
  let interruptedBy: Parameters<Interrupt> | null = null
  let interruptLoop: Interrupt | null = null
  const run = async (): Promise<Orchestration> => {
    const loop = createLoop(ports, graph, createEventLog(ports, await enter()))
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

function createLoop(ports: Ports, graph: Graph, log: EventLog) {
  const { clock } = ports
  const underWay = new Set<string>()
  let bug: { error: unknown } | null = null
  let wake: () => void = () => undefined
  const alarm = createAlarm(clock, () => wake())
  const lastAlarm = createAlarm(clock, () => wake())
  const due = createDue(graph, clock, log.state)
  const stage: Stage = { graph, github: ports.github, clock, due, state: log.state, emit: log.emit, emitIf: log.emitIf }

  const follow = (key: string, work: Promise<unknown>): void => {
    underWay.add(key)
    void work
      .catch((error: unknown) => {
        bug ??= { error }
      })
      .then(() => {
        underWay.delete(key)
        wake()
      })
  }

  /** Starts every action that is due and not under way; returns when the next one is due, ms, UTC. */
  const startDue = (): number => {
    const now = clock.now()
    let nextAt = Infinity
    for (const action of due()) {
      const key = actionKey(action)
      if (underWay.has(key) || (action.type === 'suspend' && underWay.size > 0)) continue
      if (action.at <= now) follow(key, perform(stage, action))
      else nextAt = Math.min(nextAt, action.at)
    }
    return nextAt
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

/** What `decide` names at this moment. The loop and what it performs ask many times for one event: the answer is kept until one of both changes. */
function createDue(graph: Graph, clock: Clock, state: () => Orchestration): () => readonly Action[] {
  let last: { orchestration: Orchestration; now: number; actions: readonly Action[] } | null = null
  return () => {
    const orchestration = state()
    const now = clock.now()
    if (last?.orchestration !== orchestration || last.now !== now) {
      last = { orchestration, now, actions: decide(graph, orchestration, now) }
    }
    return last.actions
  }
}
