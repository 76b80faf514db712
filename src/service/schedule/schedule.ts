import { createHash } from 'node:crypto'
import { assertNever } from '../../lib/assert-never.js'
import { failureText } from '../../lib/failure-text.js'
import { canonicalJson } from '../../model/flow/flow-event.js'
import type { ScheduledAction, ScheduleEntry } from '../../model/service-settings.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import type { Durable, StartTask } from '../durable/durable.js'
import { latestDueTime, nextDueTimeOf } from './due.js'
import { createScheduleTable, type ScheduleTable } from './schedule-table.js'
import { performScheduled, type ScheduledTaskOptions } from './scheduled-task.js'

export interface ScheduleOptions extends ScheduledTaskOptions {
  database: Pick<Database, 'query'>
  durable: Pick<Durable, 'define'>
  clock: Clock
}

/** The schedule of the graph file. Any number of processes may run it: each entry is handled once for each of its times. */
export interface Schedule {
  /** Handles the entries when they are due, until `signal` aborts. Times that were missed while no process ran are handled once. Call it after the tasks are launched. */
  run: (signal: AbortSignal) => Promise<void>
}

/** The longest wait until the entries are looked at again, ms: the clock may have been set. */
const longestWaitMs = 5 * 60_000
/** The wait after the database could not be reached, ms. */
const retryMs = 5_000

interface NamedEntry {
  /** The digest of the entry. */
  id: string
  entry: ScheduleEntry
}

/** An entry, and until when it was handled as far as this process knows: another one may have handled it since. */
interface KnownEntry extends NamedEntry {
  handledUntil: number
  /** Its first time after that; Infinity: none. */
  nextAt: number
}

/** Call it before the tasks are launched. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { graph, clock, database, durable, log } = options
  const start = durable.define<ScheduleEntry>('scheduled', (entry, { id }) => performScheduled(options, entry, id))
  const entries = (graph.schedule ?? []).map((entry) => ({ id: digestOf(entry), entry }))
  const table = createScheduleTable(database)
  return {
    run: async (signal) => {
      if (entries.length === 0) return
      let known: KnownEntry[] | null = null
      while (!signal.aborted) {
        try {
          known ??= await readKnown(table, entries, clock.now())
          await handleDue({ table, start, clock }, known)
          await clock.sleep(Math.min(longestWaitMs, ...known.map(({ nextAt }) => nextAt - clock.now())), signal)
        } catch (error) {
          log.error({ error: failureText(error) }, 'The schedule could not be looked at')
          await clock.sleep(retryMs, signal)
        }
      }
    },
  }
}

interface Handling {
  table: ScheduleTable
  start: StartTask<ScheduleEntry>
  clock: Clock
}

async function readKnown(table: ScheduleTable, entries: readonly NamedEntry[], now: number): Promise<KnownEntry[]> {
  await table.keepOnly(entries.map(({ id }) => id))
  const known: KnownEntry[] = []
  for (const named of entries) {
    const handledUntil = await table.handledUntil(named.id, now)
    known.push({ ...named, handledUntil, nextAt: nextDueTimeOf(named.entry, handledUntil) })
  }
  return known
}

/**
 * Starts what is due. The id of a task has the entry and its time, so that a second start of the same one, also by another process, does nothing.
 * While nothing is due, the database is not asked.
 */
async function handleDue({ table, start, clock }: Handling, known: KnownEntry[]): Promise<void> {
  for (const each of known) {
    const { id, entry } = each
    const now = clock.now()
    const dueAt = each.nextAt > now ? null : latestDueTime(entry, each.handledUntil, now)
    if (dueAt === null) continue
    await start(`schedule:${id}:${new Date(dueAt).toISOString()}`, entry)
    await table.note(id, dueAt)
    each.handledUntil = dueAt
    each.nextAt = nextDueTimeOf(entry, dueAt)
  }
}

function digestOf(entry: ScheduleEntry): string {
  const { cron, timeZone, action } = entry
  return createHash('sha256')
    .update(JSON.stringify([cron, timeZone, action.kind, ...whatOf(action)]))
    .digest('hex')
    .slice(0, 16)
}

function whatOf(action: ScheduledAction): readonly string[] {
  switch (action.kind) {
    case 'run':
      return [action.branch]
    case 'invalidate':
      return [action.pattern]
    case 'event':
      return [action.type, action.source, canonicalJson(action.payload)]
    default:
      return assertNever(action)
  }
}
