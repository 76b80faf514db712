import { describeStacked, otherBasesOf } from '../../../model/base-branch.js'
import type { EffectiveReading } from '../../../model/build/merged-branch.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Graph } from '../../../model/graph.js'
import type { PlanProblem } from './plan-problem.js'

interface Named {
  branch: string
  graph: Graph
  /** The job of `--only`; null selects all jobs. */
  only: string | null
}

/** The reasons why the branch is not a change that can be built; empty: at least one repository has the branch, and no other name is close. */
export function branchProblems({ branch, graph }: Named, readings: readonly EffectiveReading[]): PlanProblem[] {
  const isDefault = readings.filter(({ defaultBranch }) => defaultBranch === branch).map(({ repo }) => repo)
  if (isDefault.length > 0) {
    const message = `${branch} is the default branch of ${isDefault.join(', ')}, not a change`
    const remedy = 'Name the branch of a change, and let `branches` in the graph file match only such branches.'
    return [{ kind: 'usage', repo: null, message, remedy, failure: null }]
  }
  const near = readings.flatMap((reading) => nearMisses(branch, reading))
  if (readings.some(({ headSha }) => headSha !== null)) return near
  const merged = readings.flatMap(
    (reading) => reading.merged?.pullRequests.map(({ number }) => `${reading.repo}#${number}`) ?? [],
  )
  if (merged.length > 0 && near.length === 0) {
    const message = `every pull request of ${branch} is merged: ${merged.join(', ')}`
    const remedy = 'There is nothing to build. Delete the branch, or push a new commit to it.'
    return [{ kind: 'merged-everywhere', repo: null, message, remedy, failure: null }]
  }
  if (merged.length > 0) return near
  const message = `no repository of the graph has the branch ${branch}`
  const count = new Set(graph.jobs.map(({ repo }) => repoKey(repo))).size
  const where = count === 1 ? 'the repository of the graph' : `at least one of the ${count} repositories`
  const remedy = `Push it to ${where}, or check its spelling.`
  return [{ kind: 'absent-everywhere', repo: null, message, remedy, failure: null }]
}

/** A branch that differs only in case is probably meant, so its repository is not skipped as one without the branch (law 3). */
function nearMisses(branch: string, { repo, caseVariants = [] }: EffectiveReading): PlanProblem[] {
  return caseVariants.map((name) => ({
    kind: 'near-miss',
    repo,
    message: `${repo} has no branch ${branch}, but it has ${name}, which differs only in case`,
    remedy: `Rename it there (git push origin origin/${name}:refs/heads/${branch} :${name}), or delete it if it is not part of the change.`,
    failure: null,
  }))
}

/** The stacked pull requests that the graph file does not allow: their changes are not tested together. */
export function stackedProblems(graph: Graph, readings: readonly EffectiveReading[]): PlanProblem[] {
  return readings
    .flatMap((reading) => otherBasesOf(graph, reading))
    .filter(({ stacked }) => stacked === 'refused')
    .map((base) => ({
      kind: 'stacked',
      repo: base.repo,
      message: describeStacked(base),
      remedy: `Merge ${base.baseRef} first, or change the base of ${base.repo}#${base.number}. To build stacked pull requests, set stacked-pull-requests: allow in the graph file.`,
      failure: null,
    }))
}

/** The reasons why the job of `--only` cannot run. */
export function onlyProblems(
  { only, branch, graph }: Named,
  jobs: readonly PlannedJob[],
  readings: ReadonlyMap<string, EffectiveReading>,
): PlanProblem[] {
  if (only === null) return []
  const job = jobs.find((planned) => planned.job === only)
  if (job?.action === 'run' || job?.action === 'fresh') return []
  const repo = graph.jobs.find(({ id }) => id === only)?.repo ?? ''
  const isMerged = readings.get(repoKey(repo))?.merged !== undefined
  const message = job
    ? `--only ${only} names a job whose repository has ${isMerged ? 'only a merged' : 'no'} branch ${branch}`
    : `--only ${only} names no job of the graph file`
  const runnable = graph.jobs
    .map(({ id }) => id)
    .filter((id) => jobs.some((planned) => planned.job === id && planned.headSha !== null))
  return [{ kind: 'usage', repo: null, message, remedy: `Jobs that can run: ${runnable.join(', ')}.`, failure: null }]
}
