import { availableParallelism } from 'node:os'
import { systemClock } from './clock.js'
import type { SandboxClock } from './clock.js'
import type { Execution, ExecutionResult, Executor } from './executor.js'
import { ownActionNames } from './workflow/actions/action-call.js'
import { createJobLog } from './workflow/run/job-log.js'
import { createJobSlots } from './workflow/run/job-slots.js'
import { parseWorkflow } from './workflow/parse/parse-workflow.js'
import { begin, complete, queuedJob } from './workflow/run/run-state.js'
import { runWorkflow } from './workflow/run/run-workflow.js'
import { readTriggers, typedInputs } from './workflow/parse/triggers.js'

/** How workflows are executed on this machine. */
export interface ProcessExecutorOptions {
  /** The parent of the temporary folders of jobs, created if missing. Each temporary folder is removed when its job ends. */
  workDirectory: string
  clock?: SandboxClock
  /** The maximum number of jobs that execute at the same time, over all runs; the others wait as `queued`. Default: the number of processors, at least two. */
  concurrency?: number
}

/**
 * An executor that runs the `run:` steps of a workflow file as processes of this machine, with the rights of its user. They get PATH and the variables that
 * GitHub documents for builds, and no other variable of this process's environment.
 */
export function createProcessExecutor(options: ProcessExecutorOptions): Executor {
  const clock = options.clock ?? systemClock
  const slots = createJobSlots(options.concurrency ?? Math.max(2, availableParallelism()))
  const machine = { clock, slots, workDirectory: options.workDirectory }
  return {
    async execute(execution) {
      const parsed = parseWorkflow(execution.workflowText)
      const triggers = readTriggers(execution.workflowText)
      if (!parsed.ok) return refuse(execution, parsed.problems, clock)
      if (!triggers.ok) return refuse(execution, [triggers.message], clock)
      const inputs = typedInputs(triggers.workflowDispatch?.inputs ?? {}, execution.inputs)
      return runWorkflow(parsed.workflow, inputs, execution, machine)
    },
  }
}

/** GitHub shows no job for a `startup_failure`. The sandbox shows one, because users look for the reason in its log. */
function refuse(execution: Execution, problems: string[], clock: SandboxClock): ExecutionResult {
  const log = createJobLog(() => clock.now())
  log.error(`Invalid workflow file: ${execution.workflowPath}`)
  for (const problem of problems) log.error(problem)
  log.write(`The sandbox runs \`run:\` steps, ${ownActionNames}, and JavaScript actions of its repositories.`)
  const job = { ...queuedJob('Invalid workflow file'), log: log.lines }
  begin(job, clock.now())
  complete(job, 'failure', clock.now())
  execution.update([job])
  return { conclusion: 'startup_failure' }
}
