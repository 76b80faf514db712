import { apply, begin } from '../../../src/engine/build/state/apply.js'
import type { ListedStatus, StatusState } from '../../../src/model/change.js'
import type { Event, EventBody } from '../../../src/model/build/events.js'
import type { Orchestration, OrchestrationOutcome } from '../../../src/model/build/orchestration.js'
import type { JobOutcome } from '../../../src/model/build/state/job-state.js'
import type { PostRound } from '../../../src/model/build/state/post-state.js'
import type { Plan, RunOptions } from '../../../src/model/build/plan.js'
import type { RunFailure } from '../../../src/model/workflow-run.js'
import type { Reporter } from '../../../src/ports/reporter.js'
import { defaultOptions } from './plans.js'

export const startedAt = Date.UTC(2026, 10, 21, 1, 2, 3)
export const orchestrationId = '01jd6x0000abcdef'

/** One moment of a story: what happened, and what it led to. */
export interface Moment {
  event: Event
  orchestration: Orchestration
}

/** Writes the events of one orchestration in order, each `seconds` after the start. */
export class Story {
  readonly moments: Moment[] = []
  readonly plan: Plan

  constructor(plan: Plan, options: Partial<RunOptions> = {}) {
    this.plan = plan
    const body = { type: 'started' as const, id: orchestrationId, plan, options: { ...defaultOptions, ...options } }
    const event = { ...body, at: startedAt }
    this.moments.push({ event, orchestration: begin(event) })
  }

  get last(): Moment {
    return this.moments.at(-1)!
  }

  /** Adds an event; jobs without the branch are skipped, as the engine does it, once the pull requests are locked and their needs settled. */
  at(seconds: number, body: EventBody): this {
    const isClaim = 'round' in body && body.round === 'claim'
    if (!isClaim) this.#skip(body.type === 'finished')
    this.#add({ ...body, at: startedAt + seconds * 1000 })
    if (body.type === 'job-settled') this.#skip(!['succeeded', 'fresh'].includes(body.outcome))
    return this
  }

  #add(event: Event): void {
    this.moments.push({ event, orchestration: apply(this.last.orchestration, event) })
  }

  #skip(isStopped: boolean): void {
    for (const { job, action, reason } of this.plan.jobs) {
      const { event, orchestration } = this.last
      const isSettled = (id: string): boolean => orchestration.jobs.get(id)?.phase === 'settled'
      const needs = this.plan.graph.jobs.find(({ id }) => id === job)!.needs
      if (action !== 'skip' || isSettled(job) || !(isStopped || needs.every(isSettled))) continue
      this.#add({ type: 'job-settled', job, outcome: 'skipped', reason, at: event.at })
    }
  }

  /** Asks for and posts one round on every target. */
  posts(seconds: number, round: PostRound, state: StatusState): this {
    this.plan.targets.forEach(({ repo, headSha }, index) => {
      const description = `run:${orchestrationId} ${state}`
      const status: ListedStatus = {
        id: 900 + index,
        state,
        context: 'orchestrator-build',
        description,
        targetUrl: 'https://github.com/ismenablement/repoB/pull/11',
        creator: 'octocat',
        createdAt: startedAt + seconds * 1000,
      }
      this.at(seconds, { type: 'status-requested', repo, headSha, round, state, description })
      this.at(seconds, { type: 'status-posted', repo, headSha, round, status })
    })
    return this
  }

  dispatches(seconds: number, job: string): this {
    this.at(seconds, { type: 'dispatch-requested', job, attempt: 1, serverTime: null })
    const { runId, url } = this.#run(job)
    return this.at(seconds, { type: 'dispatch-accepted', job, attempt: 1, runId, url })
  }

  sees(seconds: number, job: string, status: string, conclusion: string | null = null): this {
    const { runId, url, headSha } = this.#run(job)
    const run = { id: runId, headSha, status, conclusion, runAttempt: 1, url }
    return this.at(seconds, { type: 'run-observed', job, run, nextAt: startedAt + (seconds + 5) * 1000 })
  }

  settles(seconds: number, job: string, outcome: JobOutcome, reason: string): this {
    return this.at(seconds, { type: 'job-settled', job, outcome, reason })
  }

  /** Dispatched, seen running, and ended. */
  builds(from: number, to: number, job: string): this {
    this.dispatches(from, job)
      .sees(from + 2, job, 'in_progress')
      .sees(to, job, 'completed', 'success')
    return this.settles(to, job, 'succeeded', 'its run succeeded')
  }

  explains(seconds: number, job: string, explanation: RunFailure): this {
    return this.at(seconds, { type: 'failure-explained', job, explanation, failure: null })
  }

  verifies(seconds: number, stage: 'before-success' | 'after-success'): this {
    const nextAt = startedAt + seconds * 1000
    return this.at(seconds, { type: 'verified', stage, result: { kind: 'unchanged', merged: [] }, nextAt })
  }

  ends(seconds: number, outcome: OrchestrationOutcome, reason: string, auth = false): this {
    return this.at(seconds, { type: 'finished', outcome, reason, auth })
  }

  /** Tells the whole story to a reporter and closes it. */
  async reportTo(reporter: Reporter): Promise<void> {
    for (const { event, orchestration } of this.moments) reporter.report(event, orchestration)
    await reporter.close()
  }

  #run(job: string): { runId: number; url: string; headSha: string } {
    const index = this.plan.jobs.findIndex((planned) => planned.job === job)
    const repo = this.plan.graph.jobs.find(({ id }) => id === job)!.repo
    const runId = 21_000_000_000 + index
    const url = `https://github.com/${repo}/actions/runs/${runId}`
    return { runId, url, headSha: this.plan.jobs[index]!.headSha ?? '' }
  }
}
