import type { Graph } from '../model/graph.js'
import type { Clock } from '../ports/clock.js'
import type { Store } from '../ports/store.js'
import type { Database } from './database/database.js'
import { createDurable } from './durable/dbos-durable.js'
import type { Durable, TaskRole } from './durable/durable.js'
import { createProcessLease } from './durable/process-lease.js'
import type { ProcessIdentity, ProcessLease } from './durable/process-lease.js'
import type { Log } from './operations/log.js'
import type { Metrics } from './operations/metrics.js'
import { createMetricsReporter } from './operations/orchestration-metrics.js'
import type { ServiceHost } from './service-host.js'
import { createDatabaseStore } from './store/database-store.js'
import { createRunCommand } from './workloads/run-command.js'
import type { RunCommandOptions } from './workloads/run-command.js'
import { createRunWork } from './workloads/run-work.js'
import { findWorkload } from './workloads/queue-views.js'
import { createWorkloads } from './workloads/workloads.js'
import type { WorkloadService } from './workloads/workloads.js'

export interface WorkOptions {
  graph: Graph
  database: Database
  identity: ProcessIdentity
  /** The most workflow workloads of one worker. */
  capacity: number
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  log: Log
  metrics: Metrics
  /** GitHub with the service's own token. */
  host: ServiceHost
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** The page that the statuses of a change link to. */
  linkTo: (branch: string) => string
  /** How commands are run. */
  commands: Omit<RunCommandOptions, 'clock'>
}

/** What every process of the service has, whether it serves, works, or both. */
export interface Work {
  lease: ProcessLease
  durable: Durable
  store: Store
  workloads: WorkloadService
  /** Begins to work. Every durable task is defined before. */
  start(): Promise<void>
  /** Hands on everything that has not ended. */
  close(): Promise<void>
}

/** The queue, the journals and the workers of this process. `roles`: the tasks that it takes over from ended processes. */
export function createWork(options: WorkOptions, roles: readonly TaskRole[]): Work {
  const { graph, database, identity, clock, log, metrics } = options
  const lease = createProcessLease({ database, clock, log, identity })
  const durable = createDurable({ database, clock, log, lease, roles })
  const store = createDatabaseStore({
    database,
    clock,
    identity,
    onCancelRequest: (id) => void cancelOrchestration(id),
    onProblem: (problem) => log.warn({ problem }, 'the journals of this process cannot be kept now'),
  })
  const cancelOrchestration = async (id: string): Promise<void> => {
    const workload = await findWorkload(database, id)
    if (workload !== null) await workloads.cancel(workload, 'a request to cancel its orchestration')
  }
  const executors = {
    run: createRunWork({
      ...options,
      store,
      graph: () => Promise.resolve(graph),
      link: options.linkTo,
      openReporter: () => createMetricsReporter(metrics),
    }),
    command: createRunCommand({ ...options.commands, clock }),
  }
  const limits = { perRepository: null, inAll: null }
  const workloads = createWorkloads({ ...options, lease, durable, limits, executors })
  return {
    lease,
    durable,
    store,
    workloads,
    start: async () => {
      await durable.launch()
      await workloads.start()
    },
    close: async () => {
      await workloads.close()
      await durable.close()
    },
  }
}
