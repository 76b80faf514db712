import type { CommitRun, CommitStatus, RepositoryRead } from '../../../model/change.js'
import { defaultFreshForMs } from '../../../model/graph.js'
import type { Graph, Job } from '../../../model/graph.js'
import { commitToBuild } from '../../../model/build/commit-to-build.js'
import type { BuiltRun, PlannedJob, RestartedRun, StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { RepoName } from '../../../model/repo-name.js'
import { shortDigest } from '../../../model/set-digest.js'
import { readStatusMark } from '../../../model/status-description.js'
import type { Read } from '../../../ports/host/read.js'
import { isTrusted, readJobRecord, trustOf } from './job-records.js'
import type { RecordOfJob } from './job-records.js'

/** The input, besides the readings of a change, that decides which jobs are fresh. */
export interface FreshnessInput {
  /** Login of the token's user; null if GitHub does not report it. */
  login: string | null
  /** GitHub's time, ms, UTC; null if it is unknown, in which case no job is fresh. */
  now: number | null
  /** Root of GitHub's pages, such as `https://github.com`. */
  serverUrl: string
  /** Runs that the readings do not contain, by `runKey`; null if GitHub has no run of that ID. */
  runs: ReadonlyMap<string, Read<CommitRun | null>>
  /** By job ID: the run of the same build on the default branch, found by its marker. Absent: none was looked for. */
  markedRuns?: ReadonlyMap<string, number>
}

/** Whether a job must be built, and the reason as one clause. */
export interface JobFreshness {
  /** The run of the same build that the job relies on; null if the job must be built. */
  built: BuiltRun | null
  reason: string
  /** The run of the same build that is running again, so that it can be followed instead; absent: none. */
  restarted?: RestartedRun
}

type ReadingOf = (repo: RepoName) => RepositoryRead

/** The input that all jobs share. */
interface FreshnessContext extends FreshnessInput {
  graph: Graph
  reading: ReadingOf
  fingerprintByJob: ReadonlyMap<string, string>
}

export function runKey(repo: RepoName, runId: number): string {
  return `${repoKey(repo)}#${runId}`
}

/** The runs that must be read before freshness can be decided: records link to them and the readings do not contain them. */
export function runsToRead(
  { graph, reading, fingerprintByJob }: Pick<FreshnessContext, 'graph' | 'reading' | 'fingerprintByJob'>,
  { login, serverUrl, markedRuns = new Map() }: Pick<FreshnessInput, 'login' | 'serverUrl' | 'markedRuns'>,
): { repo: RepoName; runId: number }[] {
  const input = { login, serverUrl, now: null, runs: new Map(), markedRuns, graph, reading, fingerprintByJob }
  return graph.jobs.flatMap((job) => {
    const record = recordOf(job, input)
    if (record?.kind !== 'linked') return []
    const { runId } = record
    return findReadRun(reading(job.repo), runId) ? [] : [{ repo: job.repo, runId }]
  })
}

/**
 * Decides for each job that builds a commit whether it must be built. A job must be built if one of its needs is built now or was built after it,
 * also through skipped jobs, because its own build used an earlier build of that need.
 * @param forced jobs that are built even if they are fresh
 */
export function judgeFreshness(context: FreshnessContext, forced: (job: string) => boolean): Map<string, JobFreshness> {
  const result = new Map<string, JobFreshness>()
  const bases = new Map<string, Base>()
  for (const job of context.graph.jobs) {
    const base = latestOf(job.needs.flatMap((id) => bases.get(id) ?? []))
    if (commitToBuild(job, context.reading(job.repo)) === null) {
      if (base !== null) bases.set(job.id, base)
      continue
    }
    const { begunAt, ...freshness } = forced(job.id)
      ? { built: null, reason: '--force', begunAt: Infinity }
      : judgeJob(job, base, context)
    bases.set(job.id, { job: job.id, begunAt })
    result.set(job.id, freshness)
  }
  return result
}

/** The latest build among the needs of a job. The build of the job must not be older. A skipped job passes on the base of its needs. */
interface Base {
  job: string
  /** The time at which GitHub created its run, ms, UTC, which a rerun does not change; Infinity if it is built again. */
  begunAt: number
}

function latestOf(bases: readonly Base[]): Base | null {
  return bases.reduce<Base | null>((latest, base) => (latest && latest.begunAt >= base.begunAt ? latest : base), null)
}

function judgeJob(job: Job, base: Base | null, context: FreshnessContext): JobFreshness & Pick<Base, 'begunAt'> {
  const judged = judgeRecord(job, base?.begunAt === Infinity ? base.job : null, context)
  if (judged.run === null) {
    const { reason, restarted } = judged
    const isValid = restarted !== undefined && restarted.createdAt >= (base?.begunAt ?? 0)
    const link = isValid ? { restarted: { runId: restarted.runId, url: restarted.url } } : {}
    return { built: null, reason, ...link, begunAt: Infinity }
  }
  const { runId, url, createdAt } = judged.run
  if (base !== null && createdAt < base.begunAt) {
    return { built: null, reason: `its need ${base.job} was built again since`, begunAt: Infinity }
  }
  return { built: { runId, url, endedAt: judged.endedAt }, reason: judged.reason, begunAt: createdAt }
}

/** The result of checking the record of one job, without its needs. `run` is null if the record proves nothing. `restarted`: its run is running again. */
type Proof = { run: null; reason: string; restarted?: CommitRun } | { run: CommitRun; endedAt: number; reason: string }

function judgeRecord(job: Job, need: string | null, context: FreshnessContext): Proof {
  const record = recordOf(job, context)
  if (record === null) {
    const isDefaultBranch = commitToBuild(job, context.reading(job.repo))?.isDefaultBranch === true
    return { run: null, reason: isDefaultBranch ? 'no earlier build of it was found' : 'never built' }
  }
  const needed = need === null ? null : `its need ${need} is built again`
  if (record.kind === 'unusable') return { run: null, reason: (record.isOther ? needed : null) ?? record.reason }
  const read = readLinked(job, record.runId, context)
  if (!read.ok)
    return { run: null, reason: `run ${record.runId} of its record could not be read: ${read.failure.message}` }
  const run = read.value
  if (run === null) return { run: null, reason: `run ${record.runId} of its record is gone` }
  const name = `run ${run.runId} of its record`
  const other = otherBuild(job, run, context)
  if (other !== null) return { run: null, reason: `${name} ${other}` }
  if (run.status !== 'completed') return { run: null, reason: `${name} is running again`, restarted: run }
  if (run.conclusion !== 'success') return { run: null, reason: `${name} did not succeed` }
  // GitHub may update a run later, which does not make the build newer than its record.
  const endedAt = Math.min(run.updatedAt, record.endedBy ?? Infinity)
  const old = ageProblem(endedAt, context)
  if (old !== null) return { run: null, reason: old }
  if (needed !== null) return { run: null, reason: needed }
  const age = ageText((context.now ?? endedAt) - endedAt)
  return { run, endedAt, reason: `built ${age} ago by run ${run.runId}` }
}

function recordOf(job: Job, context: FreshnessContext): RecordOfJob | null {
  const { id, repo } = job
  const { graph, reading, fingerprintByJob, login, serverUrl, markedRuns } = context
  const member = reading(repo)
  const commit = commitToBuild(job, member)
  if (commit?.isDefaultBranch === true) {
    const runId = markedRuns?.get(id)
    // The marker is part of the run itself and proves no earlier end.
    return runId === undefined ? null : { kind: 'linked', runId, endedBy: null }
  }
  if (commit === null) return null
  const fingerprint = fingerprintByJob.get(id) ?? ''
  const { statusContext } = graph
  return readJobRecord(member, { statusContext, job: id, fingerprint, trust: trustOf(graph, login), serverUrl })
}

function findReadRun({ runs }: RepositoryRead, runId: number): CommitRun | undefined {
  return runs?.find((run) => run.runId === runId)
}

function readLinked({ repo }: Job, runId: number, { reading, runs }: FreshnessContext): Read<CommitRun | null> {
  const known = findReadRun(reading(repo), runId)
  return known ? { ok: true, value: known } : (runs.get(runKey(repo, runId)) ?? { ok: true, value: null })
}

/** How a run differs from a build of the job's commit; null if it does not. */
function otherBuild(job: Job, run: CommitRun, { reading }: FreshnessContext): string | null {
  if (run.headSha !== commitToBuild(job, reading(job.repo))?.sha) return 'built another commit'
  return run.workflow === job.workflow ? null : 'is of another workflow'
}

function ageProblem(endedAt: number, { graph, now }: FreshnessContext): string | null {
  if (now === null) return "GitHub's time is not known, so neither is the age of its last build"
  if (isRecent(endedAt, graph, now)) return null
  return `built ${ageText(now - endedAt)} ago, longer than fresh-for (${ageText(freshForOf(graph))})`
}

/** Whether a build that ended at that time is not older than `fresh-for`. False if GitHub's time is not known. */
export function isRecent(endedAt: number, graph: Graph, now: number | null): boolean {
  return now !== null && now - endedAt <= freshForOf(graph)
}

function freshForOf({ freshForMs }: Graph): number {
  return freshForMs ?? defaultFreshForMs
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A readable age: `5 min`, `2 h`, `9 days`. */
function ageText(ms: number): string {
  if (ms < minute) return 'less than a minute'
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`
  return `${Math.floor(ms / day)} days`
}

/**
 * Whether nothing is left to do: every job is fresh or skipped, and the newest status of each target is a success for this exact set by
 * a trusted author.
 */
export function isUnlocked(
  { graph, login }: Pick<FreshnessContext, 'graph' | 'login'>,
  { jobs, targets, setDigest }: { jobs: readonly PlannedJob[]; targets: readonly StatusTarget[]; setDigest: string },
  statusOf: (target: StatusTarget) => CommitStatus | null,
): boolean {
  if (jobs.some(({ action }) => action !== 'fresh' && action !== 'skip')) return false
  const trust = trustOf(graph, login)
  return targets.every((target) => {
    const status = statusOf(target)
    if (status?.state !== 'success' || !isTrusted(trust, status)) return false
    const mark = readStatusMark(status.description)
    return mark?.writer === 'run' && mark.digest === shortDigest(setDigest)
  })
}
