import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import type { Log } from '../operations/log.js'
import type * as Dbos from './dbos-library.js'
import { dbosLogger } from './dbos-logger.js'
import type { Durable, StartTask, Task, TaskOptions, TaskRole } from './durable.js'
import { withLaunchLock } from './launch-lock.js'
import type { ProcessLease } from './process-lease.js'
import { withStartTimeout } from './start-timeout.js'
import { createTakeOver } from './take-over.js'
import type { TakeOver } from './take-over.js'
import { createTaskRuns } from './task-runs.js'

type Library = typeof Dbos

export interface DurableOptions {
  database: Database
  clock: Clock
  log: Log
  lease: ProcessLease
  /** The roles of this process: it takes over the tasks of these. */
  roles: readonly TaskRole[]
  /** As in `TakeOverOptions`. */
  takeOverPeriodMs?: number | undefined
}

interface DefinedTask {
  name: string
  task: Task<unknown>
  options: TaskOptions
}

type Workflow = (id: string, input: unknown) => Promise<void>

/** Pinned: a workflow of another version would be left alone after an upgrade. The tasks are repeatable, so any version may go on with them. */
const applicationVersion = 'orch-1'
const repetitions = { retriesAllowed: true, maxAttempts: 12, intervalSeconds: 1, backoffRate: 2 } as const
/** Each process may take over this many tasks of a role at the same time; the others wait. The same on all replicas. */
const queueConcurrency = 1_000
/** How often these queues are polled. Only tasks of a process that has ended, whose lease lasted longer, wait for it. */
const queuePollMs = 3_000

/**
 * Durable work by DBOS: one workflow with one long step for each task. A task starts directly in the process that asks for it, because a
 * queue of DBOS is polled; the queues only serve tasks that are taken over from another process.
 */
export function createDurable(options: DurableOptions): Durable {
  const { database, clock, log, lease, roles } = options
  const runs = createTaskRuns(lease)
  const tasks = new Map<string, DefinedTask>()
  const workflows = new Map<string, Workflow>()
  let library: Library | null = null
  let takeOver: TakeOver | null = null

  const launched = (): Library => {
    if (!library) throw new Error('the durable tasks are not launched')
    return library
  }

  return {
    define: <Input>(name: string, task: Task<Input>, taskOptions: TaskOptions = {}): StartTask<Input> => {
      const fullName = `${taskOptions.role ?? 'service'}/${name}`
      if (tasks.has(fullName)) throw new Error(`the task ${fullName} is defined twice`)
      tasks.set(fullName, { name: fullName, task: task as Task<unknown>, options: taskOptions })
      return async (id, input) => {
        const workflow = workflows.get(fullName)
        if (!workflow || runs.isClosed()) throw new Error('durable tasks are not accepted: this process ends')
        const started = start(launched(), workflow, { workflowID: `${fullName}/${id}`, id, input })
        return withStartTimeout(clock, started)
      }
    },
    launch: async () => {
      // Loaded here: it takes 60 ms, and only the service needs it.
      const loaded = await import('./dbos-library.js')
      await lease.acquire()
      // The library remembers by async context that it executes a task. Tasks run outside of it, so that they may start others.
      const outside = new AsyncResource('orch-task')
      for (const task of tasks.values()) workflows.set(task.name, register(loaded, task, { outside, runs, log }))
      loaded.DBOS.setConfig({
        name: 'orch',
        // Not used, because of the pool; the library wants one.
        systemDatabaseUrl: 'postgresql://orch@localhost/orch',
        systemDatabasePool: database.pool(),
        systemDatabaseSchemaName: 'dbos',
        useListenNotify: false,
        applicationVersion,
        executorID: lease.identity.id,
        listenQueues: roles.map(queueOf),
        logger: dbosLogger(log),
      })
      await withLaunchLock(database, clock, () => loaded.DBOS.launch())
      for (const role of roles) {
        const limits = { workerConcurrency: queueConcurrency, minPollingIntervalMs: queuePollMs }
        await loaded.DBOS.registerQueue(queueOf(role), { ...limits, onConflict: 'always_update' })
      }
      library = loaded
      const takeOverTasks = (processId: string) => resumeTasks(loaded, processId)
      takeOver = createTakeOver({ ...options, periodMs: options.takeOverPeriodMs, takeOver: takeOverTasks })
      await takeOver.start()
    },
    close: async () => {
      if (!library) return
      await takeOver?.close()
      await runs.close()
      await library.DBOS.shutdown({ deregister: true })
      await lease.release()
    },
  }
}

function queueOf(role: TaskRole): string {
  return `orch-${role}`
}

async function start(
  { DBOS, Error: errors }: Library,
  workflow: Workflow,
  { workflowID, id, input }: { workflowID: string; id: string; input: unknown },
): Promise<'started' | 'known'> {
  try {
    await DBOS.startWorkflow(workflow, { workflowID, workflowIDReusePolicy: 'reject' })(id, input)
    return 'started'
  } catch (error) {
    if (error instanceof errors.DBOSWorkflowIDInUseError) return 'known'
    throw error
  }
}

interface RegisterOptions {
  outside: AsyncResource
  runs: ReturnType<typeof createTaskRuns>
  log: Log
}

function register(
  { DBOS, Error: errors }: Library,
  { name, task, options }: DefinedTask,
  { outside, runs, log }: RegisterOptions,
): Workflow {
  const execute: Workflow = async (id, input) => {
    try {
      const run = () => outside.runInAsyncScope(() => runs.run((signal) => task(input, { id, signal })))
      await DBOS.runStep(run, { name, ...repetitions })
    } catch (error) {
      if (!(error instanceof errors.DBOSMaxStepRetriesError)) throw error
      const cause = error.errors.at(-1) ?? error
      log.error({ task: name, id, error: cause.message, stack: cause.stack }, 'a task has failed')
      const report = () => outside.runInAsyncScope(async () => options.onFailed?.(id, cause))
      await DBOS.runStep(report, { name: `${name} failed`, ...repetitions })
      throw error
    }
  }
  // A task is taken over as often as needed: what fails by itself is counted by the repetitions of the step.
  return DBOS.registerWorkflow(execute, { name, maxRecoveryAttempts: 1_000_000 })
}

/** Moves the unfinished tasks of a process to the queues of their roles. Returns their number. */
async function resumeTasks({ DBOS }: Library, processId: string): Promise<number> {
  const left = await DBOS.listWorkflows({
    executorId: processId,
    status: 'PENDING',
    loadInput: false,
    loadOutput: false,
  })
  for (const role of ['service', 'worker'] as const) {
    const ids = left.filter(({ workflowName }) => workflowName.startsWith(`${role}/`)).map((each) => each.workflowID)
    if (ids.length > 0) await DBOS.resumeWorkflows(ids, { queueName: queueOf(role) })
  }
  return left.length
}
