import type { InvalidateChangeResult } from '../../app/invalidate-change.js'
import type { PlannedRun } from '../../app/plan-run.js'
import type { Stopped } from '../../app/problem.js'
import type { RunSettings } from '../../app/run/run-settings.js'
import type { ReadStatusResult } from '../../app/read-status.js'

/** Who asks for a command, as text for a reader: `@octocat`, `schedule 0 6 * * *`, `the API token`. */
export type Requester = string

/** What people, schedules and webhooks can ask of the service about one change. */
export interface ChangeCommands {
  /**
   * Queues a run of the change. `eventId` identifies the request: the same one again starts nothing. `settings` left out: the graph file
   * decides.
   */
  run(
    branch: string,
    by: Requester,
    eventId: string,
    settings?: RunSettings,
  ): Promise<{ kind: 'created' | 'known'; workload: string } | Stopped>
  plan(branch: string): Promise<PlannedRun | Stopped>
  status(branch: string): Promise<ReadStatusResult>
  /** Cancels the runs of the change that are queued or running. `count`: how many were asked to end. */
  cancel(branch: string, by: Requester): Promise<{ count: number }>
  /** Locks the pull requests of the change. */
  invalidate(branch: string, by: Requester): Promise<InvalidateChangeResult>
}
