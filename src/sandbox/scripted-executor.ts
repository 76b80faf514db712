import type { SandboxClock } from './clock.js'
import type { DeploymentVerdict, Execution, ExecutionResult, Executor } from './executor.js'
import { createScriptedRun } from './workflow/run/scripted-run.js'
import type { ScriptedEnd, ScriptedRun } from './workflow/run/scripted-run.js'

/** The duration of a run for which no other is set (ms). */
const defaultDurationMs = 20_000

/** The time that a run takes to end after a cancel (ms). */
const cancelDurationMs = 1_000

/** Further properties of a scripted run. Durations are in ms of the sandbox clock. */
export interface OutcomeOptions {
  /** The time from start to end. Default: the duration of the executor. */
  after?: number
  /** The time that the run stays queued before it starts. Default: 0. */
  queuedFor?: number
  /** The environment whose protection rules the run waits for, if it has any. */
  environment?: string
  /** The time in progress before it waits for the environment. Default: 0, before its first job. */
  waitsAfter?: number
  /** The lines of the log. */
  log?: string[]
  /** The name of the step that does not succeed. Default: the last step. */
  failedStep?: string
  /** The name or ID of the job that does not succeed. Jobs that need it are skipped and the others succeed. Without it no job succeeds. */
  failedJob?: string
  /** The number of runs with this outcome. Default: 1; `Infinity` applies it to all. */
  times?: number
}

type HoldOptions = Pick<OutcomeOptions, 'queuedFor' | 'environment' | 'waitsAfter'>

/** The outcomes of the runs of one workflow. Each run takes the next outcome in the order they were added; after the last one, runs succeed. */
export interface Script {
  concludes(conclusion: ExecutionResult['conclusion'], options?: OutcomeOptions): Script
  /** The next run stays in progress until it is released. */
  holds(options?: HoldOptions): Script
  /** Ends the run held longest. If no run is held yet, the next run to be held ends as soon as it begins. */
  release(
    conclusion: ExecutionResult['conclusion'],
    options?: Pick<OutcomeOptions, 'log' | 'failedStep' | 'failedJob'>,
  ): void
  /** Runs ignore a cancel. A forced cancel still ends them. */
  ignoresCancel(): Script
}

/** An executor for tests. Runs take time of the sandbox clock and have scripted outcomes; no process is started. */
export interface ScriptedExecutor extends Executor {
  /** Every execution, in start order. */
  readonly started: Execution[]
  /** Returns the script for all workflows of a repository (`owner/name`) or for one of them (`build.yml`), which takes precedence. */
  script(repo: string, workflow?: string): Script
  /** Resolves with the nth execution (from 1) of a repository as soon as it starts. */
  whenStarted(repo: string, nth?: number): Promise<Execution>
}

interface Outcome {
  options: OutcomeOptions
  /** Resolves with the end of the run when the script allows it. The given signal stops the wait. */
  ending(stop: AbortSignal): Promise<ScriptedEnd>
}

/** Creates an executor whose runs succeed after `durationMs` (default: 20 s) unless a script defines another outcome. */
export function createScriptedExecutor({
  clock,
  durationMs = defaultDurationMs,
}: {
  clock: SandboxClock
  durationMs?: number
}): ScriptedExecutor {
  const scripts = new Map<string, WorkflowScript>()
  const started: Execution[] = []
  const watchers = new Set<() => void>()
  const keyOf = (repo: string, workflow = '*'): string => `${repo.toLowerCase()} ${workflow}`
  const scriptOf = (key: string): WorkflowScript => {
    const script = scripts.get(key) ?? new WorkflowScript(clock, durationMs)
    scripts.set(key, script)
    return script
  }
  return {
    started,
    script: (repo, workflow) => scriptOf(keyOf(repo, workflow)),
    whenStarted: (repo, nth = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = started.filter((execution) => keyOf(execution.repo) === keyOf(repo))[nth - 1]
          if (found === undefined) return
          watchers.delete(check)
          resolve(found)
        }
        watchers.add(check)
        check()
      }),
    execute(execution) {
      const workflowScript = scripts.get(keyOf(execution.repo, execution.workflowPath.split('/').at(-1)))
      const repositoryScript = scriptOf(keyOf(execution.repo))
      const outcome = workflowScript?.next() ?? repositoryScript.next() ?? repositoryScript.defaultOutcome()
      const ignores = workflowScript?.cancelIgnored === true || repositoryScript.cancelIgnored
      started.push(execution)
      watchers.forEach((check) => check())
      return runOutcome(execution, outcome, clock, ignores)
    },
  }
}

async function runOutcome(
  execution: Execution,
  outcome: Outcome,
  clock: SandboxClock,
  ignoresCancel: boolean,
): Promise<ExecutionResult> {
  const run = createScriptedRun(execution, () => clock.now())
  const stop = ignoresCancel ? execution.killed : AbortSignal.any([execution.cancelled, execution.killed])
  run.queue()
  await sleep(clock, outcome.options.queuedFor ?? 0, stop)
  if (stop.aborted) return cancelled(execution, run, clock)
  const verdict = await deploy(execution, outcome.options, { run, clock, stop })
  if (verdict === 'cancelled' || isAborted(stop)) return cancelled(execution, run, clock)
  if (verdict === 'rejected') {
    run.end({ conclusion: 'failure', log: ['The deployment was rejected by a reviewer.'] })
    return { conclusion: 'failure' }
  }
  run.begin()
  const end = await Promise.race([outcome.ending(stop), untilAborted(stop)])
  // A wait that a cancel interrupts resolves like a wait that is over.
  if (end === undefined || isAborted(stop)) return cancelled(execution, run, clock)
  run.end(end)
  return { conclusion: end.conclusion }
}

/** Waits for the environment of the script, before the first job or after some time in progress. */
async function deploy(
  execution: Execution,
  { environment, waitsAfter = 0 }: OutcomeOptions,
  { run, clock, stop }: { run: ScriptedRun; clock: SandboxClock; stop: AbortSignal },
): Promise<DeploymentVerdict> {
  if (environment === undefined) return 'approved'
  if (waitsAfter > 0) run.begin()
  await sleep(clock, waitsAfter, stop)
  const review = stop.aborted ? null : execution.requestDeployment(environment, stop)
  if (review === null) return 'approved'
  run.wait()
  return review
}

async function cancelled(execution: Execution, run: ScriptedRun, clock: SandboxClock): Promise<ExecutionResult> {
  await sleep(clock, cancelDurationMs, execution.killed)
  run.end({ conclusion: 'cancelled', log: [] })
  return { conclusion: 'cancelled' }
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted

/** The clock does not accept an infinite sleep, so that case waits for the signal alone. */
async function sleep(clock: SandboxClock, ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted || ms <= 0) return
  if (Number.isFinite(ms)) await clock.sleep(ms, stop)
  else await untilAborted(stop)
}

const untilAborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

const endOf = (conclusion: string, { log, failedStep, failedJob }: OutcomeOptions): ScriptedEnd => ({
  conclusion,
  log: log ?? [],
  ...(failedStep !== undefined && { failedStep }),
  ...(failedJob !== undefined && { failedJob }),
})

class WorkflowScript implements Script {
  cancelIgnored = false
  readonly #clock: SandboxClock
  readonly #durationMs: number
  readonly #queue: { outcome: Outcome; times: number }[] = []
  /** Held runs, and releases that precede their run. One of the two lists is always empty. */
  readonly #held: ((end: ScriptedEnd) => void)[] = []
  readonly #releases: ScriptedEnd[] = []

  constructor(clock: SandboxClock, durationMs: number) {
    this.#clock = clock
    this.#durationMs = durationMs
  }

  concludes(conclusion: ExecutionResult['conclusion'], options: OutcomeOptions = {}): Script {
    this.#queue.push({ outcome: this.#timed(conclusion, options), times: options.times ?? 1 })
    return this
  }

  holds(options: HoldOptions = {}): Script {
    this.#queue.push({ outcome: { options, ending: (stop) => this.#hold(stop) }, times: 1 })
    return this
  }

  release(
    conclusion: ExecutionResult['conclusion'],
    options: Pick<OutcomeOptions, 'log' | 'failedStep' | 'failedJob'> = {},
  ): void {
    const end = endOf(conclusion, options)
    const longest = this.#held.shift()
    if (longest === undefined) this.#releases.push(end)
    else longest(end)
  }

  ignoresCancel(): Script {
    this.cancelIgnored = true
    return this
  }

  next(): Outcome | undefined {
    const [first] = this.#queue
    if (first === undefined) return undefined
    first.times -= 1
    if (first.times <= 0) this.#queue.shift()
    return first.outcome
  }

  defaultOutcome(): Outcome {
    return this.#timed('success', {})
  }

  #timed(conclusion: string, options: OutcomeOptions): Outcome {
    return {
      options,
      ending: async (stop) => {
        await sleep(this.#clock, options.after ?? this.#durationMs, stop)
        return endOf(conclusion, options)
      },
    }
  }

  #hold(stop: AbortSignal): Promise<ScriptedEnd> {
    const released = this.#releases.shift()
    if (released !== undefined) return Promise.resolve(released)
    return new Promise((resolve) => {
      this.#held.push(resolve)
      // A run that ended in another way must not consume the release of another run.
      stop.addEventListener('abort', () => {
        const at = this.#held.indexOf(resolve)
        if (at !== -1) this.#held.splice(at, 1)
      })
    })
  }
}
