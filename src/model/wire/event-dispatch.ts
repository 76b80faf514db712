import type { EventRequest, EventRunOutcome } from '../event-delivery.js'
import type { FailureJson, GitHubId, JsonVersion, RepositoryName } from './common.js'

/** A run that an event started. */
export interface EventRunJson {
  /** File name below `.github/workflows/`. */
  workflow: string
  /** null: no run was found. */
  runId: GitHubId | null
  /** Page of the run. */
  url: string | null
  /** `unknown`: it was not found, could not be told from others, or could not be read. */
  outcome: EventRunOutcome
  /** GitHub's conclusion; null: it has none, or it is not known. */
  conclusion: string | null
  /** Why it has this outcome. */
  reason: string
  failure: FailureJson | null
}

/** What became of an event in one repository. */
export interface EventDeliveryJson {
  repository: RepositoryName
  /**
   * `planned`: a dry run; `accepted`: GitHub took it; `refused`: nothing was sent; `unknown`: it may have been sent; `withheld`: it was
   * interrupted before it was sent.
   */
  result: EventRequest['kind']
  failure: FailureJson | null
  /** The workflows that the event starts, by their file names; null: they were not read, because nothing waits for them. */
  workflows: readonly string[] | null
  /** With --wait, one for each workflow. */
  runs: readonly EventRunJson[]
}

/** The document of `orch dispatch --json`. */
export interface EventDispatchJson {
  version: JsonVersion
  eventType: string
  dryRun: boolean
  /** Whether every repository accepted the event and every run that was awaited succeeded; in a dry run: whether it can be sent. */
  succeeded: boolean
  repositories: readonly EventDeliveryJson[]
}
