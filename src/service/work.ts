import type { Graph } from '../model/graph.js'
import type { Clock } from '../ports/clock.js'
import type { Database } from './database/database.js'
import type { TaskRole } from './durable/durable.js'
import { createCheckRunReporter } from './github-app/check-run-reporter.js'
import type { GitHubLogin } from './github-login.js'
import type { Log } from './operations/log.js'
import type { Metrics } from './operations/metrics.js'
import { createMetricsReporter } from './operations/orchestration-metrics.js'
import type { Tracing } from './operations/tracing.js'
import type { ServiceHost } from './service-host.js'
import type { Engine } from './workloads/engine.js'
import { createEngine } from './workloads/engine.js'
import type { RunCommandOptions } from './workloads/run-command.js'

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
  /** How commands are run. */
  commands: Omit<RunCommandOptions, 'clock'>
}

/** The journals, the queue and the workers of this process. `roles`: what it takes over besides workloads. */
export function createWork(options: WorkOptions, roles: readonly TaskRole[]): Engine {
  const { graph, clock, log, metrics, identity } = options
  return createEngine({
    ...options,
    ...identity,
    limits: graph.concurrency ?? { perRepository: null, inAll: null },
    roles,
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
}
