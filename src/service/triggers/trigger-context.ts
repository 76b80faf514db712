import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { WorkflowRun } from '../../model/workflow-run.js'
import type { Clock } from '../../ports/clock.js'
import type { Store } from '../../ports/store.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import type { Log } from '../operations/log.js'
import type { ServiceHost } from '../service-host.js'
import type { CommandComment } from './trigger.js'

/** What the triggers of this service use. */
export interface TriggerContext {
  graph: Graph
  host: ServiceHost
  store: Store
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  log: Log
  commands: ChangeCommands
  /** Passes a run to the orchestration that waits for it, in any process. */
  observe: (repo: RepoName, run: WorkflowRun) => Promise<void>
  /** Answers the command in a comment. Safe to repeat with the same id of a task. Resolves to what was done, for a reader. */
  onCommand: (comment: CommandComment, task: string) => Promise<string>
  /** Called when installations of the App, or their permissions, changed. */
  onInstallationChanged: () => void
  /** The login that the service posts statuses as; null: GitHub names none, so that only the text of a status says whether it is ours. */
  login: string | null
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** The page that the statuses of a change link to. */
  linkTo: (branch: string) => string
}
