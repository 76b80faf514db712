import type { Job } from '../../../model/graph.js'
import { readMarker, shortFingerprint } from '../../../model/build/marker.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { EarlierRun } from '../../../model/build/state/job-state.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import { isCompleted } from '../../../model/workflow-run.js'
import type { Host } from '../../../ports/host/host.js'
import type { Read } from '../../../ports/host/read.js'
import { isReusable, mayBeBuiltElsewhere, mayHaveEarlierRuns } from '../decide/job/find-reusable-run.js'
import { isRecent } from '../plan/freshness.js'
import { isTrustedLogin, trustOf } from '../plan/job-records.js'
import type { Trust } from '../plan/job-records.js'
import { eventOf } from './action-context.js'
import { findRecordedRun } from './find-recorded-run.js'
import { isAfterNeeds } from './needs-order.js'

/** Finds the runs of earlier orchestrations for a job: runs with a marker, and runs known from a journal or a record. */
export async function findEarlierRuns(
  github: Host,
  orchestration: Orchestration,
  job: Job,
  planned: PlannedJob,
): Promise<Read<EarlierRun[]>> {
  const { headSha } = planned
  const known = await readKnownRuns(github, orchestration, job, planned)
  if (!known.ok || headSha === null || !mayHaveEarlierRuns(orchestration)) return known
  const { graph } = orchestration.plan
  const login = graph.trustedAuthors ? null : await github.login(job.repo)
  if (login !== null && !login.ok) return login
  const trust = trustOf(graph, login?.value ?? null)
  const marked = planned.carriesMarker
    ? await findMarkedRuns(github, orchestration, job, { planned, headSha, trust })
    : ({ ok: true, value: [] } as const)
  if (!marked.ok) return marked
  const found = [...known.value, ...marked.value]
  const isEnough =
    found.some((run) => isReusable(run, orchestration)) ||
    !mayBeBuiltElsewhere(orchestration) ||
    // A build of the default branch has no record.
    planned.defaultBranch !== undefined
  const recorded = isEnough ? null : await findRecordedRun(github, orchestration, job, { planned, headSha, trust })
  if (recorded === null) return { ok: true, value: found }
  return recorded.ok ? { ok: true, value: [...found, ...recorded.value] } : recorded
}

async function findMarkedRuns(
  github: Host,
  orchestration: Orchestration,
  job: Job,
  { planned, headSha, trust }: { planned: PlannedJob; headSha: string; trust: Trust },
): Promise<Read<EarlierRun[]>> {
  const { plan, options } = orchestration
  const ref = planned.defaultBranch ?? plan.branch
  const listed = await github.listRuns({ repo: job.repo, ...eventOf(job), workflow: job.workflow, ref, headSha })
  if (!listed.ok) return listed
  const now = github.serverTime()
  const value = listed.value.flatMap(({ runId, url, title, conclusion, actor, isOwn, updatedAt }): EarlierRun[] => {
    const marker = readMarker(title)
    const isByTrusted = actor !== null && isTrustedLogin(trust, actor)
    if (marker?.job !== job.id || !(isOwn || isByTrusted)) return []
    const isSameBuild =
      marker.fingerprint === shortFingerprint(planned.fingerprint) && isAfterNeeds(orchestration, job, runId)
    const isTrusted = isByTrusted && options.force !== true && isRecent(updatedAt, plan.graph, now)
    const run = { runId, url, origin: marker.origin, attempt: marker.attempt, isSameBuild, conclusion }
    return [isTrusted ? { ...run, isTrusted } : run]
  })
  return { ok: true, value }
}

async function readKnownRuns(
  github: Host,
  orchestration: Orchestration,
  job: Job,
  { fingerprint, headSha, restarted }: PlannedJob,
): Promise<Read<EarlierRun[]>> {
  const value: EarlierRun[] = []
  const known = orchestration.options.knownRuns.filter((run) => run.job === job.id && run.fingerprint === fingerprint)
  for (const { runId } of [...known, ...(restarted ? [restarted] : [])]) {
    const reading = await github.readRun(job.repo, runId)
    if (reading.kind === 'unreadable') return { ok: false, failure: reading.failure }
    if (reading.kind === 'absent') continue
    const { run } = reading
    const conclusion = isCompleted(run) ? run.conclusion : null
    value.push({
      runId,
      url: run.url,
      origin: null,
      attempt: 0,
      isSameBuild: run.headSha === headSha,
      conclusion,
    })
  }
  return { ok: true, value }
}
