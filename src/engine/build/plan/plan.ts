import type {
  CommitStatus,
  EarlierStatus,
  RepositoryRead,
  RepositoryReading,
  WorkflowState,
} from '../../../model/change.js'
import { fingerprints } from '../../../model/build/fingerprint.js'
import type { Graph } from '../../../model/graph.js'
import type { Absentee, Member, Plan, PlannedJob, StatusTarget } from '../../../model/build/plan.js'
import { blockersOf } from '../../../model/merge-blocker.js'
import { mergeQueueNote } from '../../../model/merge-queue.js'
import type { EffectiveReading } from '../../../model/build/merged-branch.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import { commitToBuild, setEntries } from '../../../model/build/commit-to-build.js'
import { setDigest } from '../../../model/set-digest.js'
import { readStatusMark } from '../../../model/status-description.js'
import type { ReadWorkflowTriggers, WorkflowTriggers } from '../../../model/workflow-triggers.js'
import { effectiveReadings, readingIn } from './effective-readings.js'
import type { MarkedListing } from './marked-runs.js'
import { isMarked, planJobs } from './plan-jobs.js'
import type { JobPlanningInput } from './plan-jobs.js'
import { repositoryProblems, unreadableProblem } from './repository-problems.js'
import { isUnlocked, runsToRead } from './freshness.js'
import type { FreshnessInput } from './freshness.js'
import { isOurSuccess } from '../verify/lock-earlier-heads.js'
import { branchProblems, onlyProblems, stackedProblems } from './branch-problems.js'
import { baseWarnings, heldWarnings, missingPullRequestWarnings, readingWarnings } from './plan-warnings.js'
import type { PlanProblem } from './plan-problem.js'
import { workflowProblems } from './workflow-problems.js'
import { unknownWorkflowStates } from './workflow-states.js'
import type { WorkflowName } from './workflow-states.js'

/** `unsettled`: branch and pull request disagree about the head, as they may for seconds after a push. The caller reads the change again. */
export type Planning =
  | { kind: 'planned'; plan: Plan }
  | { kind: 'unsettled'; reason: string }
  | { kind: 'refused'; problems: PlanProblem[] }

export interface PlanningInput extends JobPlanningInput {
  /** One for each repository of the graph. */
  readings: readonly RepositoryReading[]
  /** If false, no pull request is locked or unlocked. */
  postStatus: boolean
  /** Whether workflows can be started, by `workflowKey`, besides those in the readings; a missing one is not known. */
  workflowStates?: ReadonlyMap<string, WorkflowState>
}

/** Plans a run of the change, or returns every reason why it cannot be run. Pure. */
export function planChange(request: PlanningInput): Planning {
  const input = { ...request, readTriggers: onceEach(request.readTriggers) }
  const unreadable = input.readings.flatMap((reading) =>
    reading.kind === 'unreadable' ? [unreadableProblem(reading)] : [],
  )
  if (unreadable.length > 0) return { kind: 'refused', problems: unreadable }
  const readings = effectiveReadings(input.readings)
  const found = [...readings.values()]
  const refusal = [...branchProblems(input, found), ...stackedProblems(input.graph, found)]
  if (refusal.length > 0) return { kind: 'refused', problems: refusal }
  const disagreeing = findDisagreement(found)
  if (disagreeing !== null) return { kind: 'unsettled', reason: disagreeing }
  const jobs = planJobs(input, readings)
  // Excluded jobs are not verified, so a plan with excluded jobs locks and unlocks nothing.
  const posting = { ...input, postStatus: input.postStatus && !jobs.some(({ action }) => action === 'exclude') }
  const problems = [
    ...onlyProblems(input, jobs, readings),
    ...repositoryProblems(posting, found),
    ...workflowProblems({ ...input, jobs, readings }),
  ]
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'planned', plan: assemble(posting, found, jobs) }
}

/** Reads each text once, because most repositories of a graph have the same workflow file. */
function onceEach(read: ReadWorkflowTriggers): ReadWorkflowTriggers {
  const known = new Map<string, WorkflowTriggers>()
  return (text) => {
    const triggers = known.get(text) ?? read(text)
    known.set(text, triggers)
    return triggers
  }
}

function assemble(input: PlanningInput, readings: readonly EffectiveReading[], jobs: readonly PlannedJob[]): Plan {
  const members: Member[] = []
  const absent: Absentee[] = []
  const targets: StatusTarget[] = []
  const built = builtDefaultBranches(input.graph, jobs)
  for (const reading of readings) {
    const { repo, headSha, defaultBranch, defaultBranchSha, merged, pullRequests, status, earlierStatuses } = reading
    const isBuilt = built.has(repoKey(repo))
    if (headSha === null) {
      const more = { ...(merged ? { merged } : {}), ...(isBuilt ? { isBuilt } : {}) }
      absent.push({ repo, defaultBranch, defaultBranchSha, ...more })
    } else
      members.push({
        repo,
        headSha,
        pullRequests,
        defaultBranch,
        ...(reading.isAhead === true ? { isAhead: true } : {}),
        ...(status !== null && pullRequests.length === 0 ? { status } : {}),
      })
    if (headSha === null || pullRequests.length === 0 || !input.postStatus) continue
    targets.push({
      repo,
      headSha,
      pullRequests,
      status,
      claimedBy: claimedBy(status),
      ...earlierSuccesses(earlierStatuses),
    })
  }
  const { branch, graph } = input
  const blockers = targets.length === 0 ? [] : members.flatMap((member) => blockersOf(graph, member))
  const queue = mergeQueueNote(members, graph.statusContext)
  const warnings = [
    ...readings.flatMap((reading) => readingWarnings(reading, input.postStatus)),
    ...baseWarnings(graph, members),
    ...heldWarnings(blockers),
    ...missingPullRequestWarnings(graph, members),
    ...(queue === null ? [] : [queue]),
  ]
  const plan = {
    branch,
    graph,
    members,
    absent,
    jobs,
    setDigest: setDigest(setEntries(graph, readings)),
    targets,
    warnings,
  }
  const statuses = new Map(readings.map(({ repo, status }) => [repo, status]))
  const { freshness, postStatus } = input
  const isDone =
    freshness !== undefined &&
    postStatus &&
    // A set that cannot be merged as a set is locked again, and what is unknown is waited for (law 10).
    blockers.length === 0 &&
    isUnlocked({ graph, login: freshness.login }, plan, ({ repo }) => statuses.get(repo) ?? null)
  return isDone ? { ...plan, isUnlocked: true } : plan
}

/** The repositories, by `repoKey`, of the jobs that build the default branch or rely on an earlier build of it. */
function builtDefaultBranches({ jobs: graphJobs }: Graph, jobs: readonly PlannedJob[]): Set<string> {
  const ids = new Set(
    jobs.flatMap(({ job, action, defaultBranch }) =>
      defaultBranch !== undefined && action !== 'exclude' ? [job] : [],
    ),
  )
  return new Set(graphJobs.flatMap(({ id, repo }) => (ids.has(id) ? [repoKey(repo)] : [])))
}

function earlierSuccesses(earlier: readonly EarlierStatus[] | undefined): { earlierSuccesses?: readonly string[] } {
  return earlier === undefined ? {} : { earlierSuccesses: earlier.filter(isOurSuccess).map(({ headSha }) => headSha) }
}

/** The ID of the orchestration that may still be building the head. */
function claimedBy(status: CommitStatus | null): string | null {
  const mark = status === null || status.state === 'success' ? null : readStatusMark(status.description)
  return mark?.writer === 'run' ? mark.id : null
}

/** The runs that must be read from GitHub, besides the readings, before a change can be planned. */
export function runsToPlanWith(
  { graph, branch, readings }: Pick<PlanningInput, 'graph' | 'branch' | 'readings'>,
  known: Pick<FreshnessInput, 'login' | 'serverUrl' | 'markedRuns'>,
): { repo: RepoName; runId: number }[] {
  if (readings.some(({ kind }) => kind === 'unreadable')) return []
  const reading = readingIn(effectiveReadings(readings))
  return runsToRead({ graph, reading, fingerprintByJob: fingerprints(graph, branch, reading) }, known)
}

/**
 * The jobs whose earlier builds are found by the marker, because no status is posted on the default branch that they build. One listing
 * for each is needed before the change can be planned.
 */
export function listingsToPlanWith(input: Omit<PlanningInput, 'only' | 'postStatus'>): MarkedListing[] {
  const { graph, branch, readings } = input
  if (!graph.jobs.some(({ withoutBranch, event }) => withoutBranch === 'build' || event)) return []
  if (readings.some(({ kind }) => kind === 'unreadable')) return []
  const reading = readingIn(effectiveReadings(readings))
  const fingerprintByJob = fingerprints(graph, branch, reading)
  return graph.jobs.flatMap((job) => {
    const { defaultBranch } = reading(job.repo)
    const commit = commitToBuild(job, reading(job.repo))
    if (commit?.isDefaultBranch !== true || !isMarked(job, reading(job.repo), input)) return []
    const event = job.event ? { event: 'repository_dispatch' as const } : {}
    const query = { repo: job.repo, ...event, workflow: job.workflow, ref: defaultBranch, headSha: commit.sha }
    return [{ job: job.id, fingerprint: fingerprintByJob.get(job.id) ?? '', query }]
  })
}

/** The workflows that would be dispatched and whose state no reading contains, each once. */
export function workflowsToPlanWith(input: PlanningInput): WorkflowName[] {
  if (input.readings.some(({ kind }) => kind === 'unreadable')) return []
  const readings = effectiveReadings(input.readings)
  const planned = planJobs({ ...input, readTriggers: onceEach(input.readTriggers) }, readings)
  return unknownWorkflowStates(input.graph, planned, readings)
}

/** Describes the first member whose branch and pull request disagree about the head, or whose answer is older than an earlier one. */
function findDisagreement(readings: readonly RepositoryRead[]): string | null {
  for (const { repo, headSha, pullRequests, lag } of readings) {
    if (lag !== undefined) return `${repo}: ${lag}`
    const other = pullRequests.find((pullRequest) => pullRequest.headSha !== headSha)
    if (other) {
      const branchHead = headSha === null ? 'is gone' : `is at ${headSha.slice(0, 7)}`
      return `${repo}#${other.number} has the head ${other.headSha.slice(0, 7)}, but its branch ${branchHead}`
    }
  }
  return null
}
