import { commitToBuild } from '../../../model/build/commit-to-build.js'
import { fingerprints } from '../../../model/build/fingerprint.js'
import { carriesMarker, markerInput } from '../../../model/build/marker.js'
import { mergedText } from '../../../model/build/merged-branch.js'
import type { EffectiveReading } from '../../../model/build/merged-branch.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import type { RepositoryRead } from '../../../model/change.js'
import type { Graph, Job } from '../../../model/graph.js'
import type { ReadWorkflowTriggers } from '../../../model/workflow-triggers.js'
import { readingIn } from './effective-readings.js'
import { judgeFreshness } from './freshness.js'
import type { FreshnessInput, JobFreshness } from './freshness.js'
import type { JobReceivers } from './job-receivers.js'

/** The part of the input that decides what a run does with each job. */
export interface JobPlanningInput {
  graph: Graph
  branch: string
  /** The job of `--only`; null selects all jobs. */
  only: string | null
  readTriggers: ReadWorkflowTriggers
  /** The input about earlier builds; without it no record was read, and every job is built. */
  freshness?: FreshnessInput
  /** By job id: the workflow that the event of a job starts, as `readReceivers` found it. Absent: no job has an event. */
  receivers?: JobReceivers
  /** `--force`: the job of `only`, or every job, is built even if it is fresh. */
  force?: boolean
}

/** What a run does with each job, in the order of the graph. */
export function planJobs(input: JobPlanningInput, readings: ReadonlyMap<string, EffectiveReading>): PlannedJob[] {
  const reading = readingIn(readings)
  const fingerprintByJob = fingerprints(input.graph, input.branch, reading)
  const needsBuilding = judgeAll(input, reading, fingerprintByJob)
  return input.graph.jobs.map((job) => {
    const { id, repo } = job
    const { merged, defaultBranch } = reading(repo)
    const commit = commitToBuild(job, reading(repo))
    const act = (
      action: PlannedJob['action'],
      reason: string,
      more: Pick<PlannedJob, 'built' | 'restarted'> = {},
    ): PlannedJob =>
      Object.assign(
        {
          job: id,
          headSha: commit?.sha ?? null,
          ...(commit?.isDefaultBranch === true ? { defaultBranch } : {}),
          fingerprint: fingerprintByJob.get(id) ?? '',
          carriesMarker: isMarked(job, reading(repo), input),
          action,
          reason,
        },
        more,
      )
    if (commit === null)
      return act('skip', merged ? mergedText(repo, merged, defaultBranch) : `${repo} has no branch ${input.branch}`)
    const { built, reason, restarted } = needsBuilding(id)
    if (built) return act('fresh', reason, { built })
    if (input.only !== null && input.only !== id) return act('exclude', `left out by --only ${input.only}`)
    return act('run', reason, restarted ? { restarted } : {})
  })
}

/** Whether the workflow file that would run carries the marker. */
export function isMarked(
  job: Job,
  reading: RepositoryRead,
  { readTriggers, receivers }: Pick<JobPlanningInput, 'readTriggers' | 'receivers'>,
): boolean {
  if (job.event) return receivers?.get(job.id)?.kind === 'found'
  const file = reading.workflows.find(({ workflow }) => workflow === job.workflow)
  const isDefaultBranch = commitToBuild(job, reading)?.isDefaultBranch === true
  const text = (isDefaultBranch ? file?.atDefaultBranch : file?.atHead) ?? null
  // An input of that name in the graph file belongs to the user and is not overwritten.
  return text !== null && !Object.hasOwn(job.inputs, markerInput) && carriesMarker(readTriggers(text))
}

/** Returns for each job that builds a commit whether it must be built, and why. */
function judgeAll(
  { graph, freshness, force = false, only }: JobPlanningInput,
  reading: (repo: string) => RepositoryRead,
  fingerprintByJob: ReadonlyMap<string, string>,
): (job: string) => JobFreshness {
  const isForced = (job: string): boolean => force && (only === null || only === job)
  if (!freshness) {
    return (job) => ({ built: null, reason: isForced(job) ? '--force' : 'no record of an earlier build was read' })
  }
  const judged = judgeFreshness({ ...freshness, graph, reading, fingerprintByJob }, isForced)
  return (job) => judged.get(job) ?? { built: null, reason: 'never built' }
}
