import type { Clock } from '../../ports/clock.js'
import type { TailOptions, TailReading, TailedJournal } from '../../ports/store.js'
import { journalStart, parseLines } from '../../store/journal-format.js'
import { poll } from '../../store/poll.js'
import type { Database } from '../database/database.js'
import { appendChannel } from './database-journal.js'
import { readJournal } from './journal-rows.js'
import type { StoreProcess } from './journal-rows.js'

export interface JournalTailOptions extends TailOptions {
  database: Database
  clock: Clock
  reader: StoreProcess
  id: string
}

/** Reads after each append that is announced, and after each interval, because announcements can be lost. */
export async function* tailJournal(options: JournalTailOptions): AsyncGenerator<TailedJournal, void, void> {
  const { database, clock, id, reader } = options
  let wake = new AbortController()
  const stop = await database.listen(appendChannel, (payload) => {
    if (payload === id) wake.abort()
  })
  const wokenClock: Clock = {
    now: () => clock.now(),
    sleep: async (ms, signal) => {
      await clock.sleep(ms, signal ? AbortSignal.any([signal, wake.signal]) : wake.signal)
      wake = new AbortController()
    },
  }
  let position = journalStart
  const read = async (): Promise<TailedJournal> => {
    const row = await readJournal(database.query, { id, after: position.lines, reader })
    if (!row) return { driver: null, reading: { kind: 'absent' } }
    const { driver, length, lines } = row
    if (length < position.lines) return { driver, reading: { kind: 'truncated' } }
    const parsed = parseLines(lines, position, id)
    if (parsed.kind !== 'events') return { driver, reading: parsed }
    position = parsed.position
    const reading: TailReading = { kind: 'events', events: parsed.events }
    return { driver, reading }
  }
  try {
    yield* poll(wokenClock, options, read)
  } finally {
    await stop()
  }
}
