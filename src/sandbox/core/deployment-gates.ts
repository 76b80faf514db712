import type { DeploymentVerdict } from '../executor.js'
import type { DeploymentReview, Environment, RunAttempt, WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'
import { currentAttempt } from './runs.js'

interface Gate {
  attempt: RunAttempt
  environmentId: number
  /** Resolves when the protection rules are satisfied or a reviewer rejects the deployment. */
  verdict: Promise<DeploymentVerdict>
  review(verdict: 'approved' | 'rejected'): void
  /** The number of jobs that wait at it. */
  waiting: number
}

/** Holds the jobs back whose environments have protection rules. All jobs of a run that wait for one environment share a gate. */
export class DeploymentGates {
  readonly #world: () => World
  readonly #gates = new Map<number, Gate[]>()

  constructor(world: () => World) {
    this.#world = world
  }

  /** Returns null if the environment has no protection rule. */
  request(run: WorkflowRun, environment: Environment, stop: AbortSignal): Promise<DeploymentVerdict> | null {
    if (environment.reviewerIds.length === 0 && environment.waitTimer === 0) return null
    const known = this.#gates.get(run.id)?.find(({ environmentId }) => environmentId === environment.id)
    return this.#untilStopped(run, known ?? this.#open(run, environment), stop)
  }

  review(run: WorkflowRun, { environmentIds, state }: DeploymentReview): void {
    for (const gate of this.#gates.get(run.id) ?? []) {
      if (environmentIds.includes(gate.environmentId)) gate.review(state)
    }
  }

  #open(run: WorkflowRun, environment: Environment): Gate {
    const { clock } = this.#world()
    const closed = new AbortController()
    const timer = clock.sleep(environment.waitTimer * 60_000, closed.signal)
    let review: Gate['review'] = () => undefined
    const reviewed = new Promise<'approved' | 'rejected'>((resolve) => (review = resolve))
    if (environment.reviewerIds.length === 0) review('approved')
    const verdict = reviewed.then(async (result) => {
      if (result === 'approved') await timer
      closed.abort()
      return result
    })
    const attempt = currentAttempt(run)
    const gate = { attempt, environmentId: environment.id, verdict, review, waiting: 0 }
    this.#gates.set(run.id, [...(this.#gates.get(run.id) ?? []), gate])
    attempt.pendingDeployments = [
      ...(attempt.pendingDeployments ?? []),
      { environmentId: environment.id, since: clock.now() },
    ]
    return gate
  }

  async #untilStopped(run: WorkflowRun, gate: Gate, stop: AbortSignal): Promise<DeploymentVerdict> {
    const stopped = new Promise<DeploymentVerdict>((resolve) => {
      if (stop.aborted) resolve('cancelled')
      else stop.addEventListener('abort', () => resolve('cancelled'), { once: true })
    })
    gate.waiting += 1
    const verdict = await Promise.race([gate.verdict, stopped])
    gate.waiting -= 1
    if (gate.waiting === 0) this.#close(run, gate)
    return verdict
  }

  #close(run: WorkflowRun, gate: Gate): void {
    const open = (this.#gates.get(run.id) ?? []).filter((other) => other !== gate)
    if (open.length > 0) this.#gates.set(run.id, open)
    else this.#gates.delete(run.id)
    const { attempt } = gate
    const pending = attempt.pendingDeployments?.filter(({ environmentId }) => environmentId !== gate.environmentId)
    if (pending !== undefined) attempt.pendingDeployments = pending
    this.#world().changed(run)
  }
}
