import { usableFlows } from '../../flows/catalog.js'
import type { FlowPorts } from '../../flows/receive-event.js'
import { coalesced } from '../../lib/coalesced.js'
import { failureText } from '../../lib/failure-text.js'
import { endStep, failAttempt, nextOf, openAttempt, startStep, withAttempt } from '../../model/flow/flow-progress.js'
import type { FlowAttempt, FlowRun } from '../../model/flow/flow-run.js'
import type { Flow } from '../../model/flow/flow.js'
import type { Log } from '../operations/log.js'
import { actionOf } from '../workloads/workload.js'
import type { Workloads } from '../workloads/workload.js'
import { changeWorkloadId, isEnded, stepWorkloadId } from './step-workload.js'
import type { EndedWorkload } from './step-workload.js'

export interface FlowProgressOptions {
  ports: FlowPorts
  workloads: Pick<Workloads, 'enqueue' | 'read'>
  log: Log
}

/**
 * Moves runs from step to step. Every method may be called at any time, by any process and twice at the same time: what a run needs next
 * follows from the store and the queue alone.
 */
export class FlowProgress {
  readonly #options: FlowProgressOptions
  /** Starts what waits in a flow. Many events of one flow may arrive at once. */
  readonly #startWaiting = coalesced((name) => this.#startAll(name))

  constructor(options: FlowProgressOptions) {
    this.#options = options
  }

  /** Starts what waits in these flows. Never rejects: what failed is logged, and `sweep` repeats it. */
  async advance(flows: readonly string[]): Promise<void> {
    await this.#logged(async () => {
      for (const name of new Set(flows)) await this.#startWaiting(name)
    })
  }

  /** Records the end of the running step of a run if it has ended, and enqueues what is next. Never rejects, as `advance` does not. */
  async continueRun(id: string): Promise<void> {
    await this.#logged(async () => {
      const flow = await this.#continue(id)
      if (flow !== null) await this.#startWaiting(flow)
    })
  }

  /** Continues every run that has not ended, after a crash or a lost message. Never rejects. */
  async sweep(): Promise<void> {
    await this.#logged(async () => {
      const open = await this.#options.ports.store.openRuns()
      const isWaiting = (run: FlowRun): boolean => openAttempt(run)?.status === 'queued'
      const waiting = new Set(open.filter(isWaiting).map(({ flow }) => flow))
      for (const run of open) {
        const flow = isWaiting(run) ? null : await this.#continue(run.id)
        if (flow !== null) waiting.add(flow)
      }
      for (const name of waiting) await this.#startWaiting(name)
    })
  }

  async #logged(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.#options.log.warn({ error: failureText(error) }, 'the runs of flows could not be continued; trying again')
    }
  }

  async #startAll(name: string): Promise<void> {
    const { store, now } = this.#options.ports
    const flow = await this.#flowOf(name)
    if (!flow) return this.#failWaiting(name)
    const { concurrency, steps } = flow
    // When so many have started there is no room for another one, until one of them ends and asks again.
    let room = concurrency
    while (room > 0) {
      const started = await store.startNext(name, { concurrency, stepCount: steps.length, now: now() })
      if (!started) return
      const attempt = openAttempt(started)
      // It has at least one step, and the first one has no workload yet.
      if (!attempt) throw new Error(`the started run ${started.id} has ended`)
      if (!(await this.#enqueue(started, attempt, { flow, index: 0 }))) room -= 1
    }
  }

  async #failWaiting(name: string): Promise<void> {
    const { store, now } = this.#options.ports
    for (const { id, flow } of await store.openRuns()) {
      if (flow !== name) continue
      await store.updateRun(id, (run) => {
        const open = openAttempt(run)
        return open?.status === 'queued' ? withAttempt(run, failAttempt(open, noFlow(name), now())) : run
      })
    }
  }

  /** The flow of the run if an attempt of it has ended, which makes room for the next one; null: it has not. */
  async #continue(id: string): Promise<string | null> {
    const { store, now } = this.#options.ports
    for (;;) {
      const run = await store.readRun(id)
      if (!run) return null
      const attempt = openAttempt(run)
      const next = attempt ? nextOf(attempt) : null
      if (!attempt || !next || next.kind === 'none') return run.flow
      const workload = await this.#workloadOf(attempt, next.index)
      if (workload && !isEnded(workload)) return null
      const changed = workload
        ? await this.#change(run, attempt.id, (latest) => endWith(latest, next.index, workload, now()))
        : await this.#enqueue(run, attempt, { flow: await this.#flowOf(run.flow), index: next.index })
      if (!changed) return null
    }
  }

  /** The workload that a step waits for; null: there is none. */
  async #workloadOf(attempt: FlowAttempt, index: number) {
    const { workloads } = this.#options
    return (
      (await workloads.read(changeWorkloadId(attempt.id, index))) ??
      (await workloads.read(stepWorkloadId(attempt.id, index)))
    )
  }

  /** Returns whether the run was changed: its flow no longer has the step. `flow` null: there is none. */
  async #enqueue(
    run: FlowRun,
    { id: attempt }: FlowAttempt,
    { flow, index }: { flow: Flow | null; index: number },
  ): Promise<boolean> {
    const { workloads, ports } = this.#options
    const step = flow?.steps[index]
    if (step) {
      const named = { event: run.eventId, flow: run.flow, run: run.id, attempt, index }
      const work = { kind: 'flow-step', ...named, action: actionOf(step) } as const
      await workloads.enqueue({ id: stepWorkloadId(attempt, index), work })
      return false
    }
    const why = flow ? `the flow ${run.flow} no longer has a step ${index + 1}` : noFlow(run.flow)
    return this.#change(run, attempt, (latest) => failAttempt(latest, why, ports.now()))
  }

  async #change(run: FlowRun, attemptId: string, to: (attempt: FlowAttempt) => FlowAttempt): Promise<boolean> {
    let isChanged = false
    await this.#options.ports.store.updateRun(run.id, (current) => {
      const before = current.attempts.find(({ id }) => id === attemptId)
      const after = before && to(before)
      isChanged = after !== before
      return after && isChanged ? withAttempt(current, after) : current
    })
    return isChanged
  }

  /** A disabled flow still ends what was started. */
  async #flowOf(name: string): Promise<Flow | null> {
    return usableFlows(await this.#options.ports.readFlows(), new Set()).get(name)?.flow ?? null
  }
}

function noFlow(name: string): string {
  return `there is no flow ${name}`
}

/** Ends a step as its workload has ended. */
function endWith(attempt: FlowAttempt, index: number, { status, result }: EndedWorkload, now: number): FlowAttempt {
  return endStep(startStep(attempt, index, now), index, { status, message: result ?? '' }, now)
}
