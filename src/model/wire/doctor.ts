import type { CheckId, CheckStatus } from '../check.js'
import type { JsonVersion, RepositoryName } from './common.js'

/** The answer to one question. */
export interface CheckJson {
  /** The question; at most one answer for each repository, except `change`. */
  id: CheckId
  /** null: it is not about one repository. */
  repository: RepositoryName | null
  /**
   * `ok`: a run has what it needs; `warning`: a run works, and something around it is risky; `failed`: a run would be refused, or would not
   * protect the pull requests; `unknown`: the answer could not be found out.
   */
  status: CheckStatus
  /** What was found; it may contain text from GitHub. */
  message: string
  /** What to do about it; null: nothing. */
  fix: string | null
}

/** The document of `orch doctor --json`. What depends on a check that failed is left out. */
export interface DoctorJson {
  version: JsonVersion
  checks: readonly CheckJson[]
}
