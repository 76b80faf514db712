import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** How a check run looks on its commit. Texts are GitHub Markdown, at most 65,535 characters each. */
export interface CheckRunContent {
  /** GitHub's word for a check run that has ended; null: it is in progress. */
  conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'action_required' | null
  title: string
  summary: string
  text: string
}

/** A check run to create. */
export interface NewCheckRun extends CheckRunContent {
  repo: RepoName
  headSha: string
  name: string
  /** Identifies what it reports, such as the id of an orchestration. */
  externalId: string
  detailsUrl: string
}

/** Writes check runs, which only a GitHub App may. Expected failures are values; a rejection is a bug. */
export interface Checks {
  /** Sent once, and again only after a rate limit. */
  createCheckRun(run: NewCheckRun): Promise<Read<{ id: number }>>
  /** Replaces the content of a check run; safe to repeat. */
  updateCheckRun(run: CheckRunContent & { repo: RepoName; id: number }): Promise<Read<null>>
}
