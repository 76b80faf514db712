/** Check runs that Apps create, as plain values. Times are in ms, UTC. */

export type CheckStatus = 'queued' | 'in_progress' | 'completed'

export type CheckConclusion =
  | 'action_required'
  | 'cancelled'
  | 'failure'
  | 'neutral'
  | 'success'
  | 'skipped'
  | 'timed_out'

export interface CheckOutput {
  title: string
  summary: string
  text: string | null
}

export interface CheckRun {
  id: number
  /** GitHub groups the check runs of an App for a commit in a suite. */
  suiteId: number
  appId: number
  name: string
  headSha: string
  detailsUrl: string | null
  externalId: string | null
  status: CheckStatus
  conclusion: CheckConclusion | null
  startedAt: number
  completedAt: number | null
  output: CheckOutput | null
  annotationsCount: number
}
