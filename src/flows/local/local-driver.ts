import { createDeferred } from '../../lib/deferred.js'
import { failAttempt, interrupted, openAttempt, withAttempt } from '../../model/flow/flow-progress.js'
import type { FlowAttempt, FlowRun } from '../../model/flow/flow-run.js'
import type { Flow } from '../../model/flow/flow.js'
import type { Clock } from '../../ports/clock.js'
import type { LocalFlowStore } from '../../ports/flow-store.js'
import { usableFlows } from '../catalog.js'
import { handOffStep } from '../hand-off-step.js'
import type { HandedOff } from '../hand-off.js'
import type { StepActions, StepContext } from '../perform-step.js'
import type { FlowPorts } from '../receive-event.js'
import { executeAttempt } from './execute-attempt.js'
import type { OpenRunFolder } from './run-folder.js'

export interface LocalDriverOptions extends FlowPorts {
  store: LocalFlowStore
  clock: Clock
  /** What steps do, except to hand on. */
  actions: Omit<StepActions, 'handOff'>
  openFolder: OpenRunFolder
}

/** How often to look for what another process has ended, ms. */
const lookIntervalMs = 250

/** Executes the runs of a local state in this process. */
export class LocalDriver {
  readonly #options: LocalDriverOptions
  /** The run that handed on, by the run that it started. */
  readonly #handedOnBy = new Map<string, string>()
  #progress = createDeferred<null>()
  #failure: { error: unknown } | null = null

  constructor(options: LocalDriverOptions) {
    this.#options = options
  }

  /**
   * Executes what waits, until these runs have ended and those that they handed on to. Another process that uses the same state may
   * execute some of them. Rejects when the state cannot be read or written.
   */
  async untilEnded(runIds: readonly string[]): Promise<void> {
    const awaited = new Set(runIds)
    for (;;) {
      const { promise } = this.#progress
      await this.#startWhatWaits()
      for (const [run, by] of this.#handedOnBy) if (awaited.has(by)) awaited.add(run)
      const open = await this.#options.store.openRuns()
      if (this.#failure) throw this.#failure.error
      if (!open.some(({ id }) => awaited.has(id))) return
      const looked = new AbortController()
      await Promise.race([promise, this.#options.clock.sleep(lookIntervalMs, looked.signal)])
      looked.abort()
    }
  }

  async #startWhatWaits(): Promise<void> {
    const { store, readFlows, now } = this.#options
    for (const run of await store.abandonedRuns()) await this.#end(run, (open) => failAttempt(open, interrupted, now()))
    const waiting = (await store.openRuns()).filter((run) => openAttempt(run)?.status === 'queued')
    if (waiting.length === 0) return
    // A disabled flow still ends what was started.
    const usable = usableFlows(await readFlows(), new Set())
    for (const name of new Set(waiting.map(({ flow }) => flow))) {
      const flow = usable.get(name)?.flow
      if (flow) await this.#startFlow(flow)
    }
    for (const run of waiting) {
      if (!usable.has(run.flow))
        await this.#end(run, (open) => failAttempt(open, `there is no flow ${run.flow}`, now()))
    }
  }

  async #startFlow(flow: Flow): Promise<void> {
    const { store, now } = this.#options
    const { name, concurrency, steps } = flow
    for (;;) {
      const run = await store.startNext(name, { concurrency, stepCount: steps.length, now: now() })
      if (!run) return
      void this.#execute(run, flow)
    }
  }

  async #execute(run: FlowRun, flow: Flow): Promise<void> {
    const { store, clock, actions, openFolder } = this.#options
    try {
      const event = await store.readEvent(run.eventId)
      const attempt = openAttempt(run)
      if (!event) throw new Error(`the event ${run.eventId} is gone`)
      if (!attempt) return
      const all = { ...actions, handOff: (to: string, context: StepContext) => this.#handOff(to, context) }
      await executeAttempt(run, attempt, { store, clock, flow, event, actions: all, openFolder })
    } catch (error) {
      this.#failure ??= { error }
    } finally {
      this.#progress.resolve(null)
      this.#progress = createDeferred()
    }
  }

  async #handOff(flow: string, context: StepContext): Promise<HandedOff> {
    const handed = await handOffStep(this.#options, flow, context)
    if (handed.kind === 'accepted') for (const started of handed.runs) this.#handedOnBy.set(started.id, context.run.id)
    return handed
  }

  /** Ends the open attempt of a run, of which `end` returns how it ended. */
  async #end(run: FlowRun, end: (open: FlowAttempt) => FlowAttempt): Promise<void> {
    await this.#options.store.updateRun(run.id, (current) => {
      const open = openAttempt(current)
      return open ? withAttempt(current, end(open)) : current
    })
  }
}
