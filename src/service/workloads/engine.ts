import { createId } from '../../model/build/orchestration-id.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import { createDurable } from '../durable/dbos-durable.js'
import type { Durable, TaskRole } from '../durable/durable.js'
import { createProcessLease } from '../durable/process-lease.js'
import type { Store } from '../../ports/store.js'
import type { Log } from '../operations/log.js'
import { createDatabaseStore } from '../store/database-store.js'
import type { WorkloadLimits } from './claim.js'
import type { Execution, Executors } from './execution.js'
import { noTracing } from '../operations/tracing.js'
import type { OpenSpan, Tracing } from '../operations/tracing.js'
import { createRunWork } from './run-work.js'
import type { RunWorkOptions } from './run-work.js'
import type { NewWorkload, Workloads } from './workload.js'
import { createWorkloads } from './workloads.js'

/** Settings that tests shorten. */
export interface EngineTimings {
  /** How long a process may be silent before others take its work over, ms; default: 15 s. */
  leaseTtlMs?: number | undefined
  /** How often ended leases are looked for, ms; default: 3 s. */
  takeOverPeriodMs?: number | undefined
  /** How often the rows of the queue are read in case that a message was lost, ms; default: 5 s. */
  queuePollMs?: number | undefined
}

export interface EngineOptions {
  database: Database
  clock: Clock
  log: Log
  /** Numbers in [0, 1). */
  random: () => number
  /** This machine and this process, for a reader. */
  host: string
  pid: number
  /** 0: this process executes no workloads. */
  workers: number
  /** Workflow workloads that a worker holds at the same time. */
  capacity: number
  limits: WorkloadLimits
  /** What the process takes over besides workloads: `service` where it handles deliveries. */
  roles: readonly TaskRole[]
  runs: Omit<RunWorkOptions, 'clock' | 'log' | 'random' | 'store'>
  /** Performs the steps of flows. Called from `launch` on. */
  performFlowStep: Executors['flow-step']
  timings?: EngineTimings | undefined
  /** Absent: no traces. */
  tracing?: Tracing | undefined
}

/** Durable tasks and the queue of workloads. A process has one, because DBOS is one for each process. */
export interface Engine {
  /** Unique for each start of a process: the id that its workers begin with. */
  readonly processId: string
  /** The journals of the orchestrations of all processes. */
  readonly store: Store
  /** Define other tasks before `launch`. */
  readonly durable: Durable
  /** Accepts workloads from `launch` on. */
  readonly workloads: Workloads
  /** Resolves while this process may work, as `ProcessLease.held` does. */
  held(): Promise<unknown>
  /** Resolves when another process has taken over the work of this one: this process must end. */
  readonly lost: Promise<unknown>
  /** Rejects when the database cannot be reached. */
  launch(): Promise<void>
  /** Hands everything on, within ten seconds. */
  close(): Promise<void>
}

export function createEngine(options: EngineOptions): Engine {
  const { database, clock, log, random, host, pid, workers, timings = {}, tracing = noTracing } = options
  const id = createId(clock.now(), random)
  const identity = { id, host, pid, workers }
  const lease = createProcessLease({ database, clock, log, identity, ttlMs: timings.leaseTtlMs })
  const roles = options.roles.filter((role) => role !== 'worker')
  const durable = createDurable({
    database,
    clock,
    log,
    lease,
    roles: workers > 0 ? [...roles, 'worker'] : roles,
    takeOverPeriodMs: timings.takeOverPeriodMs,
  })
  const store = createDatabaseStore({
    database,
    clock,
    identity: { host, pid },
    onCancelRequest: (orchestration) => workloads.cancelOrchestration(orchestration),
    onProblem: (problem) => log.warn({ problem }, 'the journals of this process cannot be kept now'),
  })
  const run = createRunWork({ ...options.runs, clock, log, random, store })
  const executors: Executors = {
    run: (work, execution) => {
      const attributes = { workload: execution.id, branch: work.branch }
      const traced = (span: OpenSpan): ReturnType<typeof run> => run(work, withOrchestration(execution, span))
      return tracing.during('orchestration', attributes, traced, work.trace)
    },
    'flow-step': options.performFlowStep,
  }
  const workloads = createWorkloads({ ...options, lease, durable, executors, pollMs: timings.queuePollMs })
  return {
    processId: id,
    store,
    durable,
    workloads: { ...workloads, enqueue: (workload) => workloads.enqueue(withTrace(workload, tracing.current())) },
    held: () => lease.held(),
    lost: lease.lost,
    launch: async () => {
      await durable.launch()
      await workloads.start()
    },
    close: async () => {
      await workloads.close()
      await durable.close()
    },
  }
}

/** The workload in the trace of what asks for it. */
function withTrace({ id, work }: NewWorkload, trace: string | undefined): NewWorkload {
  return { id, work: trace === undefined || work.kind !== 'run' ? work : { ...work, trace } }
}

/** The execution, whose span names its orchestration as soon as there is one. */
function withOrchestration(execution: Execution, span: OpenSpan): Execution {
  const { orchestration } = execution
  if (orchestration !== null) span.set({ orchestration })
  return {
    ...execution,
    recordOrchestration: async (id) => {
      span.set({ orchestration: id })
      await execution.recordOrchestration(id)
    },
  }
}
