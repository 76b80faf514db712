import type { RepoName } from './repo-name.js'
import type { Concurrency, ScheduleEntry, SlackSettings } from './service-settings.js'
import type { Template, TemplateEntries } from './build/template.js'

/** One node of the graph: one workflow in one repository. */
export interface Job {
  id: string
  repo: RepoName
  needs: readonly string[]
  /**
   * File name below `.github/workflows/`, such as `build.yml`. For a job with `event`: the workflow that the event starts, which a plan
   * knows; empty in the graph file.
   */
  workflow: string
  /** The event that is sent to its repository instead of a dispatch of its workflow; absent: the workflow is dispatched. */
  event?: JobEvent
  inputs: Readonly<Record<string, Template>>
  /** How long a run may be `in_progress`, ms. */
  timeoutMs: number
  /** How long a run may take to become `in_progress`, ms. */
  queueTimeoutMs: number
  /** How long a run may wait for one approval, ms, which counts towards no other timeout of the job; absent: as long as the orchestration. */
  approvalTimeoutMs?: number
  /** How often the failed jobs of a run that did not succeed are re-run. */
  retries: number
  /** Which runs are re-run. */
  retryOn: RetryOn
  /** What happens after a dispatch without an answer that left no run; absent: `stop`. */
  onLostDispatch?: OnLostDispatch
  /** What happens if its repository has no branch of the change, or only a merged one; absent: `skip`. */
  withoutBranch?: WithoutBranch
  /** Whether its run hands files on to its dependents, which get an input that names the run; absent: no. */
  handoff?: true
}

/** An event that starts the workflow of a job on the default branch (`repository_dispatch`). */
export interface JobEvent {
  type: string
  payload: TemplateEntries
}

/** `build`: the workflow is dispatched on the default branch instead, after the needs of the job. */
export type WithoutBranch = 'skip' | 'build'
export const withoutBranchWords: readonly WithoutBranch[] = ['skip', 'build']

/** `stop`: the job ends as `unknown`. `dispatch-again`: it is dispatched once more, and the older run is cancelled if it turns up later. */
export type OnLostDispatch = 'stop' | 'dispatch-again'
export const onLostDispatchWords: readonly OnLostDispatch[] = ['stop', 'dispatch-again']

/** `infrastructure`: only conclusions that do not judge the code: `startup_failure`, `timed_out`, and `cancelled` on GitHub. */
export type RetryOn = 'any' | 'infrastructure'
export const retryOnWords: readonly RetryOn[] = ['any', 'infrastructure']

/** `hold`: a change with a member that has commits but no pull request is not unlocked. */
export type MembersWithoutPullRequest = 'warn' | 'hold'
export const membersWithoutPullRequestWords: readonly MembersWithoutPullRequest[] = ['warn', 'hold']

/** `allow`: a pull request may have the branch of another change as its base. */
export type StackedPullRequests = 'refuse' | 'allow'
export const stackedPullRequestsWords: readonly StackedPullRequests[] = ['refuse', 'allow']

/** `pass`: pull requests that belong to no change get our success, so that a rule that requires the status does not block them. */
export type OtherPullRequests = 'ignore' | 'pass'
export const otherPullRequestsWords: readonly OtherPullRequests[] = ['ignore', 'pass']

/** When the service starts an orchestration by itself. */
export interface AutoRun {
  /** How long nothing must have happened to any member, ms. */
  quietMs: number
}

/** Long enough for pushes to several repositories that belong together. */
export const defaultQuietMs = 30_000

/** Seven days. */
export const defaultFreshForMs = 7 * 24 * 3_600_000

/** The jobs of `orchestrator.yaml` and their needs; acyclic, as `sortJobs` orders them. */
export interface Graph {
  /** Branch patterns of coordinated changes, see `branch-pattern.ts`. */
  branches: readonly string[]
  statusContext: string
  failFast: boolean
  /** How many jobs may be dispatched or running at once; null: as many as the graph allows. */
  maxParallel: number | null
  /** Logins whose build records are trusted; absent: the token's own user. */
  trustedAuthors?: readonly string[]
  /** How long a build stays fresh after its end, ms; absent: `defaultFreshForMs`. */
  freshForMs?: number
  /** What a member without a pull request does to the others; absent: `warn`. */
  membersWithoutPullRequest?: MembersWithoutPullRequest
  /** Whether a change with a stacked pull request is built; absent: `refuse`. */
  stackedPullRequests?: StackedPullRequests
  /** What the service does with pull requests that belong to no change; absent: `ignore`. */
  otherPullRequests?: OtherPullRequests
  /** Absent: the service starts no orchestration by itself. */
  autoRun?: AutoRun
  /** How many orchestrations the service runs at once; absent: any number. */
  concurrency?: Concurrency
  /** What the service does at which times; absent: nothing. */
  schedule?: readonly ScheduleEntry[]
  /** Who may ask the service from Slack; absent: nobody. */
  slack?: SlackSettings
  /** In topological order: every job comes after its needs; ties keep the order of the file. */
  jobs: readonly Job[]
}

/** The fields of a job that ordering needs. */
type Node = Pick<Job, 'id' | 'needs'>

/** At most this many cycles are returned: a reader fixes them one by one. */
const maxCycles = 20

/**
 * The jobs in topological order, or the cycles that prevent it (`a needs b needs a` is `[a, b, a]`, starting at its first job in the file).
 * No two cycles share a job, and there are at most 20. Every need must name a job of the list.
 */
export function sortJobs<T extends Node>(
  jobs: readonly T[],
): { ok: true; jobs: T[] } | { ok: false; cycles: string[][] } {
  const sorted = sortableJobs(jobs)
  return sorted.length === jobs.length ? { ok: true, jobs: sorted } : { ok: false, cycles: findCycles(jobs) }
}

/** The jobs that do not depend on a cycle, in topological order; needs that are not in the list count as settled. */
function sortableJobs<T extends Node>(jobs: readonly T[]): T[] {
  const ids = new Set(jobs.map((job) => job.id))
  const dependents = new Map<string, T[]>()
  const missing = new Map<string, number>()
  for (const job of jobs) {
    const needs = job.needs.filter((need) => ids.has(need))
    missing.set(job.id, needs.length)
    for (const need of needs) {
      const known = dependents.get(need)
      if (known) known.push(job)
      else dependents.set(need, [job])
    }
  }
  const sorted = jobs.filter((job) => missing.get(job.id) === 0)
  // The list grows during the iteration: it is both the queue and the result.
  for (const job of sorted) {
    for (const dependent of dependents.get(job.id) ?? []) {
      const left = (missing.get(dependent.id) ?? 0) - 1
      missing.set(dependent.id, left)
      if (left === 0) sorted.push(dependent)
    }
  }
  return sorted
}

function findCycles(jobs: readonly Node[]): string[][] {
  const cycles: string[][] = []
  let left = withoutSortable(jobs)
  while (left.length > 0 && cycles.length < maxCycles) {
    const found = disjointCycles(left)
    cycles.push(...found)
    const reported = new Set(found.flat())
    left = withoutSortable(left.filter((job) => !reported.has(job.id)))
  }
  return cycles.slice(0, maxCycles)
}

function withoutSortable(jobs: readonly Node[]): Node[] {
  const sortable = new Set(sortableJobs(jobs).map((job) => job.id))
  return jobs.filter((job) => !sortable.has(job.id))
}

/** Each of these jobs needs another of them, so that following the needs must end in a cycle. */
function disjointCycles(jobs: readonly Node[]): string[][] {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const visited = new Set<string>()
  const cycles: string[][] = []
  for (const start of jobs) {
    const path = new Map<string, Node>()
    let current: Node | undefined = start
    while (current && !visited.has(current.id)) {
      visited.add(current.id)
      path.set(current.id, current)
      const need: string | undefined = current.needs.find((id) => byId.has(id))
      current = need === undefined ? undefined : byId.get(need)
    }
    if (current && path.has(current.id)) {
      const ids = [...path.keys()]
      cycles.push(fromFirst(ids.slice(ids.indexOf(current.id)), start.id))
    }
  }
  return cycles
}

/** Closes the cycle, starting at the given job if it is part of it: jobs are visited in file order, so that it is the first one. */
function fromFirst(cycle: readonly string[], first: string): string[] {
  const at = Math.max(0, cycle.indexOf(first))
  const turned = [...cycle.slice(at), ...cycle.slice(0, at)]
  return [...turned, ...turned.slice(0, 1)]
}

/**
 * For each pair, whether `job` needs `ancestor`, directly or through others. `jobs` must be in topological order.
 * Takes one pass over the graph per 32 different ancestors, instead of a matrix or one search per pair.
 */
export function needsThrough(jobs: readonly Node[], pairs: readonly { job: string; ancestor: string }[]): boolean[] {
  const indexes = new Map(jobs.map((job, index) => [job.id, index]))
  const needs = jobs.map((job) => job.needs.map((need) => indexes.get(need) ?? -1).filter((index) => index >= 0))
  const byAncestor = new Map<string, number[]>()
  pairs.forEach(({ ancestor }, at) => {
    const known = byAncestor.get(ancestor)
    if (known) known.push(at)
    else byAncestor.set(ancestor, [at])
  })
  const answers = pairs.map(() => false)
  const ancestors = [...byAncestor.keys()]
  for (let from = 0; from < ancestors.length; from += 32) {
    const block = ancestors.slice(from, from + 32)
    const reached = reachedFrom(needs, new Map(block.map((id, bit) => [indexes.get(id) ?? -1, 1 << bit])))
    block.forEach((id, bit) => {
      for (const at of byAncestor.get(id) ?? []) {
        const index = indexes.get(pairs[at]?.job ?? '') ?? -1
        answers[at] = ((reached[index] ?? 0) & (1 << bit)) !== 0
      }
    })
  }
  return answers
}

/** For each job, the bits of the marked jobs that it needs, directly or through others. */
function reachedFrom(needs: readonly (readonly number[])[], marks: ReadonlyMap<number, number>): Int32Array {
  const reached = new Int32Array(needs.length)
  needs.forEach((before, index) => {
    let bits = 0
    for (const need of before) bits |= (reached[need] ?? 0) | (marks.get(need) ?? 0)
    reached[index] = bits
  })
  return reached
}

/** The repositories of the graph, each once, in the order of their first jobs. */
export function repositoriesOf(graph: Graph): RepoName[] {
  const seen = new Map<string, RepoName>()
  for (const job of graph.jobs) {
    const key = job.repo.toLowerCase()
    if (!seen.has(key)) seen.set(key, job.repo)
  }
  return [...seen.values()]
}
