import type { RepoName } from './repo-name.js'
import type { Template } from './template.js'

/** One node of the graph: one workflow in one repository. */
export interface Job {
  id: string
  repo: RepoName
  needs: readonly string[]
  /** File name below `.github/workflows/`, such as `build.yml`. */
  workflow: string
  inputs: Readonly<Record<string, Template>>
  /** How long a run may be `in_progress`, ms. */
  timeoutMs: number
  /** How long a run may take to become `in_progress`, ms. */
  queueTimeoutMs: number
}

/** The jobs of `orchestrator.yaml` and their needs; acyclic by construction (`createGraph`). */
export interface Graph {
  /** Branch patterns of coordinated changes, see `branch-pattern.ts`. */
  branches: readonly string[]
  statusContext: string
  failFast: boolean
  /** How many jobs may be dispatched or running at once; null: as many as the graph allows. */
  maxParallel: number | null
  /** In a topological order: every job stands after its needs; ties keep the order of the file. */
  jobs: readonly Job[]
}

/** Jobs in topological order, or one cycle (`a needs b needs a` is `[a, b, a]`). Every need must name a job. */
export function sortJobs(jobs: readonly Job[]): { ok: true; jobs: Job[] } | { ok: false; cycle: string[] } {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const dependents = new Map<string, string[]>()
  const missing = new Map<string, number>()
  for (const job of jobs) {
    missing.set(job.id, job.needs.length)
    for (const need of job.needs) dependents.set(need, [...(dependents.get(need) ?? []), job.id])
  }
  const sorted: Job[] = []
  const ready = jobs.filter((job) => job.needs.length === 0)
  for (let next = ready.shift(); next; next = ready.shift()) {
    sorted.push(next)
    for (const id of dependents.get(next.id) ?? []) {
      const left = (missing.get(id) ?? 0) - 1
      missing.set(id, left)
      const job = byId.get(id)
      if (left === 0 && job) ready.push(job)
    }
  }
  return sorted.length === jobs.length ? { ok: true, jobs: sorted } : { ok: false, cycle: findCycle(jobs, sorted) }
}

/** Every job left over by the sort needs another one that is left over: following those needs must close a circle. */
function findCycle(jobs: readonly Job[], sorted: readonly Job[]): string[] {
  const done = new Set(sorted.map((job) => job.id))
  const left = new Map(jobs.filter((job) => !done.has(job.id)).map((job) => [job.id, job]))
  const path: string[] = []
  let current = left.values().next().value
  while (current && !path.includes(current.id)) {
    path.push(current.id)
    const need = current.needs.find((id) => left.has(id))
    current = need === undefined ? undefined : left.get(need)
  }
  if (!current) throw new Error('a graph that cannot be sorted has no cycle')
  return [...path.slice(path.indexOf(current.id)), current.id]
}

/** Every repository of the graph once, in the order of its first job. */
export function repositoriesOf(graph: Graph): RepoName[] {
  const seen = new Map<string, RepoName>()
  for (const job of graph.jobs) {
    const key = job.repo.toLowerCase()
    if (!seen.has(key)) seen.set(key, job.repo)
  }
  return [...seen.values()]
}
