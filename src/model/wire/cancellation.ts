import type { OrchestrationOutcome } from '../build/orchestration.js'
import type { JsonVersion } from './common.js'

/** A job whose run may still be running on GitHub. */
export interface RunLeftJson {
  job: string
  /** null: it is not known whether there is a run. */
  url: string | null
}

/** What `orch cancel` did to one orchestration. */
export interface CancelResultJson {
  id: string
  branch: string
  /**
   * `cancelled`: now; `already-cancelled`: before; `incomplete`: cancelled, but a run may still be running or a pull request
   * may be unlocked; `finished`: it had another outcome before it could be cancelled; `not-ended`: it is still unfinished.
   */
  result: 'cancelled' | 'already-cancelled' | 'incomplete' | 'finished' | 'not-ended'
  /** null: it has not ended. */
  outcome: OrchestrationOutcome | null
  /** Why it has this outcome. */
  reason: string | null
  /** The jobs of an incomplete one whose run may still be running. */
  runsLeft: readonly RunLeftJson[]
  /** What prevented the cancellation; null: nothing. */
  problem: string | null
}

/** The document of `orch cancel --json`. */
export interface CancellationJson {
  version: JsonVersion
  /** The requested ones, newest first. */
  orchestrations: readonly CancelResultJson[]
}
