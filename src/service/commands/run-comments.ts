import { failureText } from '../../lib/failure-text.js'
import { isTransientFailure, type Failure } from '../../model/failure.js'
import { repoKey, type RepoName } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import type { Log } from '../operations/log.js'
import type { WorkloadEnd } from '../workloads/workload-row.js'
import { renderComment } from './comment-text.js'
import { describeEnd } from './outcome-text.js'
import type { StatusComments } from './status-comment.js'

/** A status comment that says that a run is queued. */
export interface RunComment {
  repo: RepoName
  /** The pull request. */
  number: number
  workload: string
  /** The command as it was written. Untrusted. */
  command: string
  /** Who wrote it. Untrusted. */
  author: string
}

export interface RunCommentsOptions {
  database: Database
  clock: Clock
  log: Log
  statusComments: StatusComments
  statusContext: string
}

/** How often the ends of runs are looked for, ms. */
const pollMs = 5_000
/** The pause after a comment that could not be written, ms. */
const failurePauseMs = 60_000

/**
 * Says in the status comment of a pull request how the run that was asked for there has ended. What is awaited lies in the database, because a run
 * may end in another process, while this one is down, or before any process has it.
 */
export class RunComments {
  private readonly options: RunCommentsOptions

  constructor(options: RunCommentsOptions) {
    this.options = options
  }

  /** Notes that the comment waits for the end of a run. A later run of the same pull request replaces an earlier one. */
  async expect({ repo, number, workload, command, author }: RunComment): Promise<void> {
    await this.options.database.query(
      `INSERT INTO orch.run_comments (repository, number, workload, command, author) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (repository, number) DO UPDATE SET workload = $3, command = $4, author = $5`,
      [repoKey(repo), number, workload, command, author],
    )
  }

  /** Updates the comments of runs that have ended, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options
    while (!signal.aborted) {
      let isComplete = false
      try {
        isComplete = await this.reportEnded()
      } catch (error) {
        log.warn({ error: failureText(error) }, 'the ends of runs could not be read for their status comments')
      }
      await clock.sleep(isComplete ? pollMs : failurePauseMs, signal)
    }
  }

  /** False: a comment could not be written and is tried again. */
  private async reportEnded(): Promise<boolean> {
    const ended = await this.options.database.query<RunComment & WorkloadEnd>(
      `SELECT c.repository AS repo, c.number, c.workload, c.command, c.author, w.status, w.result
       FROM orch.run_comments c JOIN orch.workloads w ON w.id = c.workload WHERE w.ended_at IS NOT NULL`,
    )
    let isComplete = true
    for (const comment of ended) {
      const failure = await this.report(comment)
      if (failure === null || !mayPass(failure)) await this.forget(comment)
      else isComplete = false
    }
    return isComplete
  }

  /** Null: the comment says how the run has ended. */
  private async report(ended: RunComment & WorkloadEnd): Promise<Failure | null> {
    const { log, statusComments, statusContext } = this.options
    const { repo, number, workload, command, author } = ended
    const body = renderComment({ statusContext, command, author, outcome: describeEnd(ended) })
    const written = await statusComments.write({ repo, number }, body)
    if (written.ok) return null
    const fields = { repository: repo, pullRequest: number, workload, failure: written.failure.message }
    log.warn(fields, 'The status comment could not be written at the end of a run')
    return written.failure
  }

  private async forget({ repo, number, workload }: RunComment): Promise<void> {
    const sql = 'DELETE FROM orch.run_comments WHERE repository = $1 AND number = $2 AND workload = $3'
    await this.options.database.query(sql, [repoKey(repo), number, workload])
  }
}

/** Whether the comment may be written later: a refused token is replaced, and limits end. */
function mayPass(failure: Failure): boolean {
  return isTransientFailure(failure) || failure.kind === 'rate-limited' || failure.kind === 'unauthorized'
}
