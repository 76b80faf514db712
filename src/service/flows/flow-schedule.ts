import { usableFlows } from '../../flows/catalog.js'
import type { UsableFlow } from '../../flows/catalog.js'
import { keepEvent } from '../../flows/receive-event.js'
import type { FlowPorts } from '../../flows/receive-event.js'
import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { Log } from '../operations/log.js'
import { latestDueTime, nextDueTimeOf } from '../schedule/due.js'
import type { ScheduleTable } from '../schedule/schedule-table.js'

export interface FlowScheduleOptions {
  ports: FlowPorts
  table: Pick<ScheduleTable, 'handledUntil' | 'note'>
  clock: Clock
  log: Log
  advance: (flows: readonly string[]) => Promise<void>
}

/** The longest wait until the flows are read again, ms: a flow may have a new schedule. */
const longestWaitMs = 30_000

/** An entry of the schedule of a flow. */
interface Entry {
  flow: UsableFlow
  /** Its place in the schedule, from 1. */
  number: number
  cron: string
  timeZone: string
}

/**
 * Sends an event to a flow each time an entry of its schedule is due, until the signal aborts. Any number of processes may do so: the id of the
 * event names the flow, the entry and the time. Times that were missed while no process ran count as one.
 */
export async function runFlowSchedule(options: FlowScheduleOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options
  const known = new Map<string, Known>()
  while (!signal.aborted) {
    let nextAt = Infinity
    try {
      for (const entry of await readEntries(options.ports))
        nextAt = Math.min(nextAt, await sendDue(options, known, entry))
    } catch (error) {
      log.error({ error: failureText(error) }, 'the schedules of the flows could not be looked at; trying again')
    }
    await clock.sleep(Math.min(longestWaitMs, nextAt - clock.now()), signal)
  }
}

async function readEntries({ readFlows, store }: FlowPorts): Promise<Entry[]> {
  const usable = usableFlows(await readFlows(), await store.disabledFlows())
  return [...usable.values()].flatMap((flow) =>
    flow.flow.on.schedule.map((time, index) => ({ flow, number: index + 1, ...time })),
  )
}

/** What this process knows of an entry: another one may have handled it since. */
interface Known {
  handledUntil: number
  /** When it is due next; Infinity: never again. */
  nextAt: number
}

/** Sends the event of an entry if it is due. Returns when it is due next. */
async function sendDue(options: FlowScheduleOptions, known: Map<string, Known>, entry: Entry): Promise<number> {
  const { table, clock } = options
  const { flow, number, cron, timeZone } = entry
  const key = `flow:${flow.flow.name}:${number}:${cron} ${timeZone}`
  const now = clock.now()
  const knownUntil = (handledUntil: number): Known => ({ handledUntil, nextAt: nextDueTimeOf(entry, handledUntil) })
  const before = known.get(key) ?? knownUntil(await table.handledUntil(key, now))
  known.set(key, before)
  const dueAt = before.nextAt > now ? null : latestDueTime(entry, before.handledUntil, now)
  if (dueAt === null) return before.nextAt
  await send(options, entry, new Date(dueAt).toISOString())
  await table.note(key, dueAt)
  const after = knownUntil(dueAt)
  known.set(key, after)
  return after.nextAt
}

async function send({ ports, log, advance }: FlowScheduleOptions, entry: Entry, time: string): Promise<void> {
  const { flow: usable, number, cron, timeZone } = entry
  const { flow, isDisabled } = usable
  const { name } = flow
  const event = {
    id: `schedule:${name}:${number}:${time}`,
    type: 'schedule',
    source: 'schedule',
    payload: { cron, timeZone, time },
    flow: name,
  }
  const targets = isDisabled
    ? { flows: [], unmatched: `the flow ${name} is disabled`, flow: name, depth: 0 }
    : { flows: [flow], unmatched: null, flow: name, depth: 0 }
  const received = await keepEvent(ports, event, targets)
  if (received.kind === 'unsupported')
    log.warn({ flow: name, why: received.why }, 'a scheduled flow cannot be executed')
  await advance([name])
}
