import { failureText } from '../../lib/failure-text.js'
import type { Graph } from '../../model/graph.js'
import type { Clock } from '../../ports/clock.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import type { Database } from '../database/database.js'
import type { Log } from '../operations/log.js'

export interface AutoRunsOptions {
  graph: Graph
  database: Database
  clock: Clock
  log: Log
  commands: ChangeCommands
}

interface Row {
  branch: string
  delivery: string
  received_at: number
}

/** Another replica may have accepted deliveries: the table is read this often, ms. */
const pollMs = 1_000

/** Starts an orchestration of a change when nothing has happened to its members for some time (`auto-run`). */
export class AutoRuns {
  private readonly options: AutoRunsOptions

  constructor(options: AutoRunsOptions) {
    this.options = options
  }

  /** Notes a delivery of a change, so that the time counts from it. `starts`: it also asks for a run, where none is awaited yet. */
  async note(branch: string, delivery: { id: string; receivedAt: number }, starts: boolean): Promise<void> {
    const { graph, database } = this.options
    if (!graph.autoRun) return
    const { id, receivedAt } = delivery
    const sql = starts
      ? `INSERT INTO orch.auto_runs (branch, delivery, received_at) VALUES ($1, $2, $3) ON CONFLICT (branch)
         DO UPDATE SET delivery = $2, received_at = $3 WHERE auto_runs.received_at <= $3`
      : 'UPDATE orch.auto_runs SET delivery = $2, received_at = $3 WHERE branch = $1 AND received_at <= $3'
    await database.query(sql, [branch, id, receivedAt])
  }

  /** Starts what is due, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { graph, clock, log } = this.options
    if (!graph.autoRun) return
    while (!signal.aborted) {
      try {
        await this.startDue(graph.autoRun.quietMs)
      } catch (error) {
        log.warn({ error: failureText(error) }, 'the changes that are to be run could not be read')
      }
      await clock.sleep(pollMs, signal)
    }
  }

  private async startDue(quietMs: number): Promise<void> {
    const { database, clock } = this.options
    const sql = 'SELECT branch, delivery, received_at FROM orch.auto_runs WHERE received_at <= $1 ORDER BY received_at'
    for (const row of await database.query<Row>(sql, [clock.now() - quietMs])) await this.start(row)
  }

  /** The id of the delivery makes the start idempotent: replicas, and a repetition after a crash, start one run. */
  private async start({ branch, delivery }: Row): Promise<void> {
    const { database, commands, log } = this.options
    const started = await commands.run(branch, 'auto-run', `auto-run-${delivery}`)
    await database.query('DELETE FROM orch.auto_runs WHERE branch = $1 AND delivery = $2', [branch, delivery])
    if (started.kind === 'stopped') {
      const problem = started.problems.map(({ message }) => message).join('; ')
      log.warn({ branch, delivery, problem }, 'the change was not run')
    } else if (started.kind === 'created') log.info({ branch, delivery, workload: started.workload }, 'auto-run')
  }
}
