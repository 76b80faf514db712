import { sanitize } from '../lib/sanitize.js'
import { runProcess } from '../lib/run-process.js'
import type { ProcessEnd, RunProcessOptions } from '../lib/run-process.js'
import type { StepEnd } from '../model/flow/flow-progress.js'
import type { FlowStep } from '../model/flow/flow.js'
import type { Clock } from '../ports/clock.js'
import type { OutputCollector } from './step-output.js'

export type ExecStep = Extract<FlowStep, { kind: 'exec' }>

export interface ExecStepOptions {
  clock: Clock
  /** The folder that the working directory of a step is relative to, resolved already. */
  directory: string
  environment: Readonly<Record<string, string | undefined>>
  /** The event as JSON. */
  input: string
  collector: OutputCollector
  /** Aborts when the attempt is cancelled. */
  signal: AbortSignal
  signalGroup: RunProcessOptions['signalGroup']
}

/** The time between SIGTERM and SIGKILL, ms. */
const graceMs = 3_000

/** Runs the command of a step until it ends, its time is over, or the attempt is cancelled. */
export async function runExecStep(step: ExecStep, options: ExecStepOptions): Promise<StepEnd> {
  const { clock, directory, environment, input, collector, signal, signalGroup } = options
  const over = new AbortController()
  const timeUp = new AbortController()
  void until(clock, clock.now() + step.timeoutMs, over.signal).then(() => {
    if (!over.signal.aborted) timeUp.abort()
  })
  const end = await runProcess({
    command: step.command,
    directory,
    environment,
    input,
    onStdout: collector.onStdout,
    onStderr: collector.onStderr,
    signal: AbortSignal.any([signal, timeUp.signal]),
    graceMs,
    sleep: (ms, until) => clock.sleep(ms, until),
    signalGroup,
  })
  over.abort()
  const printed = { output: collector.output(), result: collector.result() }
  if (signal.aborted) return { status: 'cancelled', message: 'it was cancelled', ...printed }
  if (timeUp.signal.aborted) {
    const minutes = step.timeoutMs / 60_000
    return { status: 'failed', message: `it took longer than its timeout-minutes (${minutes})`, ...printed }
  }
  return { ...toEnd(end), ...printed }
}

/** Resolves at this time, or when the signal aborts. A clock may end a long sleep early. */
export async function until(clock: Clock, time: number, signal: AbortSignal): Promise<void> {
  while (clock.now() < time && !signal.aborted) await clock.sleep(time - clock.now(), signal)
}

function toEnd(end: ProcessEnd): Pick<StepEnd, 'status' | 'message'> {
  switch (end.kind) {
    case 'exited':
      return { status: end.code === 0 ? 'completed' : 'failed', message: `exit code ${end.code}` }
    case 'signalled':
      return { status: 'failed', message: `it was ended by ${end.signal}` }
    case 'not-started':
      return { status: 'failed', message: `it could not be started: ${sanitize(end.why)}` }
  }
}
