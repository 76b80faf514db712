import type { FlowEvent } from '../../model/flow/flow-event.js'
import { endStep, nextOf, startStep, withAttempt, withOutput } from '../../model/flow/flow-progress.js'
import type { FlowAttempt, FlowRun } from '../../model/flow/flow-run.js'
import type { Flow } from '../../model/flow/flow.js'
import type { Clock } from '../../ports/clock.js'
import type { FlowStore } from '../../ports/flow-store.js'
import { performStep } from '../perform-step.js'
import type { StepActions, StepContext } from '../perform-step.js'
import { createOutputCollector } from '../step-output.js'
import type { OpenRunFolder } from './run-folder.js'

export interface ExecuteAttemptOptions {
  store: FlowStore
  clock: Clock
  flow: Flow
  event: FlowEvent
  actions: StepActions
  openFolder: OpenRunFolder
}

/** How often a running attempt keeps what it printed, and looks whether somebody asked to cancel it, ms. */
const checkIntervalMs = 250

/** Executes a running attempt from its first step on, until it ends. Its run as it is then. */
export async function executeAttempt(
  run: FlowRun,
  attempt: FlowAttempt,
  options: ExecuteAttemptOptions,
): Promise<FlowRun> {
  const { store, flow, event, actions, clock } = options
  const collector = createOutputCollector(attempt.output)
  const folder = await options.openFolder(run, event)
  const cancelled = new AbortController()
  const over = new AbortController()
  const change = async (to: (current: FlowAttempt) => FlowAttempt): Promise<FlowRun> => {
    const changed = await store.updateRun(run.id, (current) => {
      const before = attemptOf(current, attempt.id)
      const after = to(before)
      return after === before ? current : withAttempt(current, after)
    })
    if (!changed) throw new Error(`the run ${run.id} is gone`)
    if (attemptOf(changed, attempt.id).cancelledBy !== null) cancelled.abort()
    return changed
  }
  const watching = watch()
  try {
    return await executeSteps()
  } finally {
    over.abort()
    await watching
    await folder.close()
  }

  async function watch(): Promise<void> {
    for (;;) {
      await clock.sleep(checkIntervalMs, over.signal)
      if (over.signal.aborted) return
      await change((current) => withOutput(current, collector.output()))
    }
  }

  async function executeSteps(): Promise<FlowRun> {
    for (;;) {
      const begun = await change((current) => {
        const next = nextOf(current)
        return next.kind === 'start-step' ? startStep(current, next.index, clock.now()) : current
      })
      const current = attemptOf(begun, attempt.id)
      const next = nextOf(current)
      const step = next.kind === 'wait' ? flow.steps[next.index] : undefined
      if (next.kind !== 'wait' || !step) return begun
      const { contextDirectory } = folder
      const place = { index: next.index, contextDirectory, collector, signal: cancelled.signal }
      const context: StepContext = { event, run: begun, attempt: current, ...place }
      const end = await performStep(step, context, actions)
      await change((latest) => endStep(latest, next.index, end, clock.now()))
    }
  }
}

function attemptOf(run: FlowRun, id: string): FlowAttempt {
  const found = run.attempts.find((attempt) => attempt.id === id)
  if (!found) throw new Error(`the attempt ${id} is gone`)
  return found
}
