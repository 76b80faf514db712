import type { Graph } from '../model/graph.js'
import type { Clock } from '../ports/clock.js'
import type { ChangeCommands } from './commands/change-commands.js'
import { createChangeCommands } from './commands/create-change-commands.js'
import type { Database } from './database/database.js'
import type { TaskRole } from './durable/durable.js'
import { createFlowService } from './flows/create-flow-service.js'
import type { FlowService } from './flows/flow-service.js'
import type { FlowPlaces } from './flows/step-actions.js'
import { createCheckRunReporter } from './github-app/check-run-reporter.js'
import type { GitHubLogin } from './github-login.js'
import type { Log } from './operations/log.js'
import type { Metrics } from './operations/metrics.js'
import { createMetricsReporter } from './operations/orchestration-metrics.js'
import type { Tracing } from './operations/tracing.js'
import type { ServiceHost } from './service-host.js'
import type { Engine } from './workloads/engine.js'
import { createEngine } from './workloads/engine.js'

export interface WorkOptions {
  graph: Graph
  database: Database
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  log: Log
  metrics: Metrics
  tracing: Tracing
  /** GitHub with the service's own token. */
  host: ServiceHost
  githubLogin: GitHubLogin
  /** Whether the service is a GitHub App, which alone may write check runs. */
  isApp: boolean
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** The page that the statuses of a change link to. */
  linkTo: (branch: string) => string
  /** This machine and this process, for a reader. */
  identity: { host: string; pid: number }
  workers: number
  /** The most workflow workloads of one worker. */
  capacity: number
  /** Where flows are found and executed. */
  places: FlowPlaces
  /** The address that people open; null: none is configured. */
  publicUrl: string | null
}

/** What the processes that have workers have in common. */
export interface ServiceWork {
  engine: Engine
  commands: ChangeCommands
  flows: FlowService
}

/** What differs between them. */
export interface WorkRoles {
  /** What the process takes over besides workloads. */
  roles: readonly TaskRole[]
  /** Where this process listens; null: nowhere, or not yet. */
  listensOn: () => string | null
}

/** The journals, the queue, the workers and the flows of this process. */
export function createWork(options: WorkOptions, { roles, listensOn }: WorkRoles): ServiceWork {
  const { graph, clock, log, metrics, identity, publicUrl } = options
  const engine = createEngine({
    ...options,
    ...identity,
    limits: graph.concurrency ?? { perRepository: null, inAll: null },
    roles,
    performFlowStep: (work, execution) => flows.perform(work, execution),
    runs: {
      host: options.host,
      githubLogin: options.githubLogin,
      graph: () => Promise.resolve(graph),
      serverUrl: options.serverUrl,
      link: options.linkTo,
      openReporters: () => [
        createMetricsReporter(metrics),
        ...(options.isApp ? [createCheckRunReporter({ host: options.host, clock, log })] : []),
      ],
    },
  })
  const { store, workloads } = engine
  const commands = createChangeCommands({ ...options, store, workloads })
  const flows = createFlowService({ ...options, workloads, commands, url: () => publicUrl ?? listensOn() })
  return { engine, commands, flows }
}
