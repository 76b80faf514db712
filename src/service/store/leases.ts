import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'

/** The longest pause after a renewal that failed. */
const longestRetryMs = 1_000

/** The right of this process to append to a journal. */
export interface Lease {
  readonly id: string
  /** Of all drivers of the journal, the one with the greatest fence may append. */
  readonly fence: number
  /** The number of requests to cancel that this process knows of. */
  cancels: number
  /** Another process has taken the journal over. */
  isLost: boolean
}

/** The channel on which a driver is asked to cancel: `<id> <fence> <number of requests>`. */
export const cancelChannel = 'orch_cancel'

export interface LeasesOptions {
  database: Database
  clock: Clock
  /** How long a process that was not heard of keeps its journals, ms. */
  leaseMs: number
  /** Called when another process asks to cancel an orchestration that this one drives. */
  onCancelRequest: (id: string) => void
  /** Called when leases cannot be renewed now. */
  onProblem: (problem: string) => void
}

/** Renews all leases of this process with one statement, for as long as it has any. */
export class Leases {
  readonly #options: LeasesOptions
  readonly #held = new Set<Lease>()
  #renewal: AbortController | null = null
  #isListening = false

  constructor(options: LeasesOptions) {
    this.#options = options
  }

  /** Keeps a lease that was just taken. */
  async add(lease: Lease): Promise<void> {
    this.#held.add(lease)
    if (!this.#renewal) {
      this.#renewal = new AbortController()
      void this.#keepRenewing(this.#renewal.signal)
    }
    await this.#listen()
  }

  remove(lease: Lease): void {
    this.#held.delete(lease)
    if (this.#held.size > 0) return
    this.#renewal?.abort()
    this.#renewal = null
  }

  async #keepRenewing(signal: AbortSignal): Promise<void> {
    const { clock, leaseMs, onProblem } = this.#options
    const renewalMs = leaseMs / 3
    let pauseMs = renewalMs
    for (;;) {
      await clock.sleep(pauseMs, signal)
      if (signal.aborted) return
      try {
        await this.#renew()
        pauseMs = renewalMs
      } catch (error) {
        onProblem(`the leases of ${this.#held.size} journals could not be renewed: ${failureText(error)}`)
        pauseMs = Math.min(longestRetryMs, renewalMs)
      }
    }
  }

  async #renew(): Promise<void> {
    const leases = [...this.#held]
    const rows = await this.#options.database.query<{ id: string; cancels: number }>(
      `UPDATE orch.journals SET lease_ends = ${databaseNow} + $3::bigint
       FROM unnest($1::text[], $2::bigint[]) AS held (journal, held_fence)
       WHERE id = journal AND fence = held_fence RETURNING id, cancel_count AS cancels`,
      [leases.map(({ id }) => id), leases.map(({ fence }) => fence), this.#options.leaseMs],
    )
    const cancels = new Map(rows.map((row) => [row.id, row.cancels]))
    for (const lease of leases) {
      const count = cancels.get(lease.id)
      if (count === undefined) lease.isLost = true
      else this.#notice(lease, count)
    }
  }

  /** Without messages, the renewal notices a request some seconds later. */
  async #listen(): Promise<void> {
    if (this.#isListening) return
    const { database, onProblem } = this.#options
    this.#isListening = true
    try {
      await database.listen(cancelChannel, (payload) => {
        const [id, fence, count] = payload.split(' ')
        for (const lease of this.#held) {
          // A process that has lost the journal without knowing it is not asked.
          if (lease.id === id && lease.fence === Number(fence)) this.#notice(lease, Number(count))
        }
      })
    } catch (error) {
      this.#isListening = false
      onProblem(`requests to cancel will be noticed late: ${failureText(error)}`)
    }
  }

  #notice(lease: Lease, count: number): void {
    if (count <= lease.cancels || lease.isLost) return
    lease.cancels = count
    this.#options.onCancelRequest(lease.id)
  }
}
