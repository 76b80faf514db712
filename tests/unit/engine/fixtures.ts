import { apply, begin } from '../../../src/engine/build/state/apply.js'
import { drive } from '../../../src/engine/build/drive.js'
import type { Drive } from '../../../src/engine/build/drive.js'
import { planChange } from '../../../src/engine/build/plan/plan.js'
import type { PlanningInput } from '../../../src/engine/build/plan/plan.js'
import type { PullRequest, RepositoryRead, RepositoryReading } from '../../../src/model/change.js'
import type { Event, EventBody } from '../../../src/model/build/events.js'
import type { Failure } from '../../../src/model/failure.js'
import type { Graph, Job } from '../../../src/model/graph.js'
import { repositoriesOf, sortJobs } from '../../../src/model/graph.js'
import type { Orchestration } from '../../../src/model/build/orchestration.js'
import { noEarlierRuns } from '../../../src/model/build/plan.js'
import type { Plan, RunOptions } from '../../../src/model/build/plan.js'
import type { WorkflowRun } from '../../../src/model/workflow-run.js'
import { MemoryJournal } from '../../support/memory-journal.js'
import type { TestClock } from '../../support/test-clock.js'
import type { ScriptedGitHub } from './scripted-github.js'

/** An event as an action emits it, with the time that the log adds. */
export type DatedEvent = EventBody & { at: number }

export const branch = 'DPTA-1'
export const minute = 60_000
export const orchestrationId = 'run0000001'

/** A full commit id that begins with the given letters. */
export function sha(letters: string): string {
  return letters.padEnd(40, '0')
}

/** The graph of the README: B, C and D need A, E needs them. */
export const diamond = { A: [], B: ['A'], C: ['A'], D: ['A'], E: ['B', 'C', 'D'] }

/** A graph of jobs in repositories `acme/<job>`. */
export function graphOf(
  needs: Readonly<Record<string, readonly string[]>>,
  settings: Partial<Graph> & { job?: Partial<Job> } = {},
): Graph {
  const jobs = Object.entries(needs).map(([id, list]): Job => ({
    id,
    repo: `acme/${id}`,
    needs: list,
    workflow: 'build.yml',
    inputs: {},
    timeoutMs: 30 * minute,
    queueTimeoutMs: 60 * minute,
    retries: 0,
    retryOn: 'any',
    ...settings.job,
  }))
  const sorted = sortJobs(jobs)
  if (!sorted.ok) throw new Error('a cycle')
  const { failFast = true, maxParallel = null, statusContext = 'orchestrator-build' } = settings
  return { branches: ['DPTA-*'], statusContext, failFast, maxParallel, jobs: sorted.jobs }
}

export function pullRequestOf(repo: string, changes: Partial<PullRequest> = {}): PullRequest {
  const number = changes.number ?? 1
  const url = `https://github.test/${repo}/pull/${number}`
  const base = { url, title: 'a change', headRef: branch, headSha: sha('a'), baseRef: 'main' }
  return { number, isDraft: false, mergeability: 'mergeable', isFork: false, ...base, ...changes }
}

/** A repository that has the branch at `a000…` with one pull request. */
export function readingOf(repo: string, changes: Partial<RepositoryRead> = {}): RepositoryRead {
  return {
    kind: 'read',
    repo,
    isArchived: false,
    defaultBranch: 'main',
    defaultBranchSha: sha('d'),
    headSha: sha('a'),
    pullRequests: [pullRequestOf(repo)],
    sameHead: [],
    status: null,
    workflows: [{ workflow: 'build.yml', atHead: 'a workflow', atDefaultBranch: 'a workflow' }],
    ...changes,
  }
}

export function absentReading(repo: string): RepositoryRead {
  return readingOf(repo, { headSha: null, pullRequests: [], workflows: [] })
}

export function failureOf(changes: Partial<Failure> = {}): Failure {
  return { kind: 'server-error', message: 'GitHub answered 502', ...changes }
}

export function planningInput(graph: Graph, changes: Partial<PlanningInput> = {}): PlanningInput {
  return {
    graph,
    branch,
    readings: repositoriesOf(graph).map((repo) => readingOf(repo)),
    only: null,
    postStatus: true,
    readTriggers: () => ({ kind: 'dispatchable', inputs: new Map() }),
    ...changes,
  }
}

export function planOf(graph: Graph, changes: Partial<PlanningInput> = {}): Plan {
  const planning = planChange(planningInput(graph, changes))
  if (planning.kind !== 'planned') throw new Error(JSON.stringify(planning))
  return planning.plan
}

export function optionsOf(graph: Graph, changes: Partial<RunOptions> = {}): RunOptions {
  const { failFast, maxParallel } = graph
  return {
    failFast,
    maxParallel,
    timeoutMs: 360 * minute,
    postStatus: true,
    only: null,
    link: '',
    ...noEarlierRuns,
    ...changes,
  }
}

/** The orchestration after these events; each event has its own time, in ms from the start at 0. */
export function fold(plan: Plan, events: readonly DatedEvent[], options: Partial<RunOptions> = {}): Orchestration {
  const started = {
    type: 'started',
    id: orchestrationId,
    plan,
    options: optionsOf(plan.graph, options),
    at: 0,
  } as const
  return events.reduce<Orchestration>((before, event) => apply(before, event), begin(started))
}

export function claimed(repo: string, id = 1, round: 'claim' | 'success' = 'claim'): DatedEvent {
  const status = statusOf({ id, description: `run:${orchestrationId} building` })
  return { type: 'status-posted', at: 0, repo, headSha: sha('a'), round, status }
}

export function statusOf(changes: Partial<Extract<EventBody, { type: 'status-posted' }>['status']> = {}) {
  const base = { id: 1, state: 'pending' as const, context: 'orchestrator-build', description: '' }
  return { ...base, targetUrl: '', creator: 'someone', createdAt: 0, ...changes }
}

/** A job dispatched at 0, with its run. */
export function dispatched(job: string, runId = 7): DatedEvent[] {
  return [
    { type: 'dispatch-requested', job, attempt: 1, serverTime: null, at: 0 },
    { type: 'dispatch-accepted', job, attempt: 1, runId, url: 'https://github.test/run', at: 0 },
  ]
}

export function runOf(changes: Partial<WorkflowRun> = {}): WorkflowRun {
  const base = { id: 7, headSha: sha('a'), status: 'in_progress', conclusion: null, runAttempt: 1 }
  return { ...base, url: 'https://github.test/run', ...changes }
}

export function observedAt(at: number, job: string, changes: Partial<WorkflowRun> = {}): DatedEvent {
  return { type: 'run-observed', job, run: runOf(changes), nextAt: at + 30_000, at }
}

/** Drives an orchestration against a scripted GitHub; `events` are those the journal has. */
export function startDrive(
  github: ScriptedGitHub,
  clock: TestClock,
  graph: Graph,
  changes: Partial<RunOptions> & { readings?: readonly RepositoryReading[]; journal?: MemoryJournal } = {},
): { run: Drive; journal: MemoryJournal; events: () => Event[] } {
  const { readings = github.readings(), journal = new MemoryJournal(), ...options } = changes
  const { only = null, postStatus = true } = options
  const plan = planOf(graph, { readings, only, postStatus })
  const reporter = { report: () => undefined, close: () => Promise.resolve() }
  const start = { id: orchestrationId, plan, options: optionsOf(graph, options) }
  const run = drive({ github, clock, journal, reporter }, start)
  return { run, journal, events: () => journal.lines.map((line) => JSON.parse(line) as Event) }
}
