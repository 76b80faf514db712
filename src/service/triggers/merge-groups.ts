import { answerMergeGroup } from '../../app/answer-merge-group.js'
import { failureText } from '../../lib/failure-text.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Database } from '../database/database.js'
import { FailedTrigger } from './failed-trigger.js'
import type { TriggerContext } from './trigger-context.js'

interface Row {
  repository: string
  head_sha: string
  number: number
  requested_at: number
}

/** A merge queue that waits for the status on a commit of its own. */
export interface MergeGroup {
  repo: RepoName
  headSha: string
  number: number
}

/** How often the verdict of a change is read again while a merge queue waits for it, ms. */
const pollMs = 10_000
/** The longest time for which a merge queue waits for a status (`check_response_timeout_minutes`). */
const longestWaitMs = 360 * 60_000

/** Answers merge queues with the verdict for the change, and again when it changes. */
export class MergeGroups {
  private readonly context: TriggerContext
  private readonly database: Database

  constructor(context: TriggerContext, database: Database) {
    this.context = context
    this.database = database
  }

  /** Answers a group, and keeps it in mind until the merge queue no longer needs it. */
  async open({ repo, headSha, number }: MergeGroup): Promise<string> {
    await this.database.query(
      `INSERT INTO orch.merge_groups (repository, head_sha, number, requested_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [repoKey(repo), headSha, number, this.context.clock.now()],
    )
    return this.answer({ repo, headSha, number })
  }

  async forget({ repo, headSha }: Pick<MergeGroup, 'repo' | 'headSha'>): Promise<void> {
    const sql = 'DELETE FROM orch.merge_groups WHERE repository = $1 AND head_sha = $2'
    await this.database.query(sql, [repoKey(repo), headSha])
  }

  /** Answers the open groups again and again, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.context
    while (!signal.aborted) {
      try {
        await this.answerAll()
      } catch (error) {
        log.warn({ error: failureText(error) }, 'merge queues could not be answered')
      }
      await clock.sleep(pollMs, signal)
    }
  }

  /** Answers every open group with the verdict as it is now. One that cannot be answered is tried again later. */
  async answerAll(): Promise<void> {
    const { clock, log } = this.context
    const since = clock.now() - longestWaitMs
    await this.database.query('DELETE FROM orch.merge_groups WHERE requested_at < $1', [since])
    const rows = await this.database.query<Row>('SELECT * FROM orch.merge_groups ORDER BY requested_at')
    for (const row of rows) {
      const group = { repo: row.repository, headSha: row.head_sha, number: row.number }
      try {
        await this.answer(group)
      } catch (error) {
        if (!(error instanceof FailedTrigger)) throw error
        log.warn({ ...group, error: error.message }, 'a merge queue was not answered')
      }
    }
  }

  private async answer(group: MergeGroup): Promise<string> {
    const { host, graph, linkTo } = this.context
    const result = await answerMergeGroup({ host, graph, linkTo, ...group })
    if (result.kind === 'failed') {
      throw new FailedTrigger(`the merge queue of ${group.repo} was not answered: ${result.failure.message}`)
    }
    if (result.kind === 'ignored') {
      await this.forget(group)
      return 'its pull request belongs to no change'
    }
    return `answered the merge queue of ${group.repo} with ${result.state}`
  }
}
