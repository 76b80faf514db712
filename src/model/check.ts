import type { RepoName } from './repo-name.js'

/** The questions that `orch doctor` answers, in the order of its table. Those from `repository` on are about one repository. */
export const checkIds = [
  'graph-file',
  'node',
  'server',
  'rate-limit',
  'clock',
  'token',
  'change',
  'repository',
  'pull-request-permission',
  'status-permission',
  'dispatch-permission',
  'workflow-file',
  'workflow-syntax',
  'workflow-dispatch',
  'workflow-enabled',
  'workflow-marker',
  'ruleset',
  'status-author',
  'job-names',
  'merge-queue',
  'auto-merge',
] as const
export type CheckId = (typeof checkIds)[number]

/**
 * `ok`: a run has what it needs. `warning`: a run works, and something around it is risky. `failed`: a run would be refused, or would not
 * protect the pull requests. `unknown`: the answer could not be found out, so nothing is known to be right.
 */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'unknown'

/** The answer to one question. */
export interface Check {
  id: CheckId
  /** null: it is not about one repository. */
  repository: RepoName | null
  status: CheckStatus
  /** What was found, as one clause or more. It may contain text from GitHub. */
  message: string
  /** What to do about it; null: nothing. */
  fix: string | null
}
