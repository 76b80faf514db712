import { runProcess } from '../process/child-process.js'
import type { ProcessEnd } from '../process/child-process.js'
import { createCommandFiles } from './command-files.js'
import type { JobContext } from './job-context.js'
import type { StepResult, StepSignals } from './step-result.js'
import { createCommandReader } from './workflow-commands.js'

/** Maximum size of the stored output of a step, in bytes. */
const outputLimit = 10 * 1024 * 1024

/** The program that a step executes. */
export interface StepProgram {
  command: string
  arguments: string[]
  directory: string
  /** The step's own `env:`. */
  env: Record<string, string>
  /** Variables that the workflow cannot change, besides those of every step. */
  fixed: Record<string, string>
}

/** Executes the program of a step: writes its output to the log and reads its command files. */
export async function runProgram(job: JobContext, program: StepProgram, signals: StepSignals): Promise<StepResult> {
  const files = await createCommandFiles(job.folders.temp)
  const end = await runProcess({
    command: program.command,
    arguments: program.arguments,
    directory: program.directory,
    environment: job.environment(program.env, { ...program.fixed, ...files.variables }),
    clock: job.clock,
    processes: job.processes,
    interrupt: signals.interrupt,
    kill: signals.kill,
    outputLimit,
    onLine: createCommandReader(job.log),
  })
  const values = await files.read()
  for (const problem of values.problems) job.log.error(problem)
  const ended = signals.interrupt.aborted || signals.kill.aborted || endedWell(job, program.command, end)
  return { outcome: ended && values.problems.length === 0 ? 'success' : 'failure', values }
}

function endedWell(job: JobContext, command: string, end: ProcessEnd): boolean {
  switch (end.kind) {
    case 'exited':
      if (end.code !== 0) job.log.error(`Process completed with exit code ${end.code}.`)
      return end.code === 0
    case 'signalled':
      job.log.error(`Process was ended by ${end.signal}.`)
      return false
    case 'not-started':
      job.log.error(`${command} could not be started: ${end.message}`)
      return false
  }
}
