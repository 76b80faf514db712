import type { Executor, WorkflowJobState } from '../executor.js'
import type { Account, DeploymentReview, RunAttempt, RunStatus, WorkflowJob, WorkflowRun } from '../state/model.js'
import type { RunQueue, World } from '../world.js'
import { openJob } from '../artifacts/open-job.js'
import { checkoutFor } from './checkout.js'
import { DeploymentGates } from './deployment-gates.js'
import { ensureEnvironment } from './environments.js'
import { emitRun } from '../webhooks/events/workflow.js'
import { branchNameOf, currentAttempt } from './runs.js'
import { readText } from './workflows.js'

interface RunningAttempt {
  attempt: RunAttempt
  cancelled: AbortController
  killed: AbortController
  done: Promise<void>
}

/** Executes attempts of workflow runs, a limited number at a time. The others stay `queued` in first-in, first-out order. */
export class RunScheduler implements RunQueue {
  readonly #executor: Executor
  readonly #concurrency: number
  readonly #world: () => World
  readonly #queue: WorkflowRun[] = []
  readonly #running = new Map<number, RunningAttempt>()
  readonly #gates: DeploymentGates
  #closed = false

  constructor(executor: Executor, concurrency: number, world: () => World) {
    this.#executor = executor
    this.#concurrency = concurrency
    this.#world = world
    this.#gates = new DeploymentGates(world)
  }

  /** Queues a new attempt of a run. With `failedOnly`, the attempt runs only the jobs that did not succeed in the previous one. */
  start(run: WorkflowRun, actor: Account, failedOnly = false): RunAttempt {
    const now = this.#world().clock.now()
    const attempt: RunAttempt = {
      number: run.attempts.length + 1,
      status: 'queued',
      conclusion: null,
      startedAt: now,
      updatedAt: now,
      jobs: [],
      cancelRequested: false,
      failedOnly,
      triggeringActorId: actor.id,
    }
    run.attempts.push(attempt)
    this.#world().changed(run)
    emitRun(this.#world(), run, attempt, 'requested')
    this.#queue.push(run)
    this.#startNext()
    return attempt
  }

  /** Requests the end of the current attempt of a run, or with `force` ends it at once. A run that is still queued ends here. */
  cancel(run: WorkflowRun, force: boolean): void {
    const attempt = currentAttempt(run)
    attempt.cancelRequested = true
    const running = this.#running.get(run.id)
    if (running === undefined) {
      const position = this.#queue.indexOf(run)
      if (position >= 0) this.#queue.splice(position, 1)
      this.#complete(run, attempt, 'cancelled')
      return
    }
    running.cancelled.abort()
    if (force) running.killed.abort()
    this.#world().changed(run)
  }

  review(run: WorkflowRun, review: DeploymentReview): void {
    run.reviews = [...(run.reviews ?? []), review]
    this.#gates.review(run, review)
    this.#world().changed(run)
  }

  /** Resolves when no run is queued, in progress or waiting. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  /** Cancels every execution and waits until all have ended. */
  async close(): Promise<void> {
    this.#closed = true
    const world = this.#world()
    for (const run of this.#queue.splice(0)) endAttempt(world, run, currentAttempt(run), 'cancelled')
    for (const { cancelled, killed } of this.#running.values()) {
      cancelled.abort()
      killed.abort()
    }
    await this.idle()
  }

  #startNext(): void {
    while (!this.#closed && this.#active() < this.#concurrency) {
      const run = this.#queue.shift()
      if (run === undefined) return
      const attempt = currentAttempt(run)
      const cancelled = new AbortController()
      const killed = new AbortController()
      const done = this.#execute(run, attempt, { cancelled: cancelled.signal, killed: killed.signal }).then(() => {
        this.#running.delete(run.id)
        this.#startNext()
      })
      this.#running.set(run.id, { attempt, cancelled, killed, done })
    }
  }

  /** A run that waits for a review needs no machine. */
  #active(): number {
    return [...this.#running.values()].filter(({ attempt }) => attempt.status !== 'waiting').length
  }

  async #execute(
    run: WorkflowRun,
    attempt: RunAttempt,
    signals: { cancelled: AbortSignal; killed: AbortSignal },
  ): Promise<void> {
    const world = this.#world()
    const repository = world.directory.state.repositories.get(run.repositoryId)
    if (repository === undefined) throw new Error(`the repository of run ${run.id} is gone`)
    try {
      const workflowText = await readText(world, repository, run.headSha, run.workflowPath)
      if (signals.cancelled.aborted) {
        this.#complete(run, attempt, 'cancelled')
        return
      }
      const { conclusion } = await this.#executor.execute({
        repo: world.directory.fullName(repository),
        runId: run.id,
        runNumber: run.runNumber,
        runAttempt: attempt.number,
        workflowPath: run.workflowPath,
        workflowText: workflowText ?? '',
        event: run.event,
        ref: run.ref,
        sha: run.headSha,
        actor: world.directory.accountById(run.actorId).login,
        inputs: run.inputs,
        dispatch: run.dispatch,
        ...(attempt.failedOnly === true && { previous: this.#previousJobs(run, attempt) }),
        apiUrl: world.apiUrl(),
        serverUrl: world.webUrl(),
        checkout: (target) => checkoutFor(world, repository, { sha: run.headSha, branch: branchNameOf(run) }, target),
        requestDeployment: (name, stop) => this.#gates.request(run, ensureEnvironment(world, repository, name), stop),
        openJob: () => openJob(world, repository, run, attempt),
        ...signals,
        update: (jobs) => this.#update(run, attempt, jobs),
      })
      this.#complete(run, attempt, conclusion)
    } catch (error) {
      this.#reportFailure(run, attempt, error)
    }
  }

  #previousJobs(run: WorkflowRun, { number }: RunAttempt): WorkflowJobState[] {
    const before = run.attempts.find((attempt) => attempt.number === number - 1)
    return (before?.jobs ?? []).map(({ id, state }) => ({ ...state, log: this.#world().logs.read(id) ?? [] }))
  }

  #update(run: WorkflowRun, attempt: RunAttempt, jobs: WorkflowJobState[]): void {
    // A report after the attempt has ended changes nothing.
    if (attempt.status === 'completed') return
    const world = this.#world()
    const states = attempt.jobs.map(({ state }) => state)
    const known = new Map(attempt.jobs.map((job, position) => [identityOf(job.state, position, states), job]))
    attempt.jobs = jobs.map((job, position) => {
      const { log, ...live } = job
      const state = structuredClone(live)
      const before = known.get(identityOf(job, position, jobs))
      const kept: WorkflowJob = before ?? { id: world.directory.newRunId(), state, createdAt: world.clock.now() }
      kept.state = state
      world.logs.write(kept.id, log.slice())
      return kept
    })
    world.directory.indexJobs(run)
    const before = attempt.status
    attempt.status = statusOf(jobs)
    attempt.updatedAt = world.clock.now()
    world.changed(run)
    if (attempt.status === 'in_progress' && before !== 'in_progress') emitRun(world, run, attempt, 'in_progress')
    this.#startNext()
  }

  /** Executors must not throw. If one does, the run fails with the defect in its log, because otherwise it would stay in progress forever. */
  #reportFailure(run: WorkflowRun, attempt: RunAttempt, error: unknown): void {
    const world = this.#world()
    const now = world.clock.now()
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const lines = `The sandbox could not execute this run: ${reason}`.split('\n')
    const log = lines.map((line) => `${new Date(now).toISOString()} ##[error]${line}`)
    const job: WorkflowJobState = {
      name: 'sandbox',
      status: 'completed',
      conclusion: 'failure',
      startedAt: now,
      completedAt: now,
      steps: [],
      log,
    }
    attempt.jobs = []
    this.#update(run, attempt, [job])
    this.#complete(run, attempt, 'failure')
  }

  #complete(run: WorkflowRun, attempt: RunAttempt, conclusion: string): void {
    endAttempt(this.#world(), run, attempt, conclusion)
  }
}

function endAttempt(world: World, run: WorkflowRun, attempt: RunAttempt, conclusion: string): void {
  attempt.status = 'completed'
  delete attempt.pendingDeployments
  attempt.conclusion = conclusion
  attempt.updatedAt = world.clock.now()
  world.changed(run)
  emitRun(world, run, attempt, 'completed')
}

/** Returns the status of a run that has not completed. It waits only when nothing else of it is in progress. */
function statusOf(jobs: WorkflowJobState[]): RunStatus {
  if (jobs.some(({ status }) => status === 'in_progress')) return 'in_progress'
  if (jobs.some(({ status }) => status === 'waiting')) return 'waiting'
  return jobs.every(({ status }) => status === 'queued') ? 'queued' : 'in_progress'
}

type JobFacts = Pick<WorkflowJobState, 'key' | 'name'>

/** Returns a key that identifies a job within its attempt, even while a matrix adds jobs to the list. */
function identityOf(job: JobFacts, position: number, jobs: JobFacts[]): string {
  if (job.key === undefined) return String(position)
  const duplicates = jobs.slice(0, position).filter(({ key, name }) => key === job.key && name === job.name)
  return `${job.key} ${job.name} ${duplicates.length}`
}
