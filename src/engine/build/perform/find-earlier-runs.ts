import type { Job } from '../../../model/graph.js'
import { readMarker, shortFingerprint } from '../../../model/build/marker.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { EarlierRun } from '../../../model/build/state/job-state.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import { isCompleted } from '../../../model/workflow-run.js'
import type { Host } from '../../../ports/host/host.js'
import type { Read } from '../../../ports/host/read.js'
import { mayHaveEarlierRuns } from '../decide/job/find-reusable-run.js'

/** Finds the runs of earlier orchestrations for a job: runs with a marker, and runs known from a journal. */
export async function findEarlierRuns(
  github: Host,
  orchestration: Orchestration,
  job: Job,
  planned: PlannedJob,
): Promise<Read<EarlierRun[]>> {
  const known = await readKnownRuns(github, orchestration, job, planned)
  if (!known.ok || !planned.carriesMarker || !mayHaveEarlierRuns(orchestration) || planned.headSha === null)
    return known
  const listed = await github.listRuns({
    repo: job.repo,
    workflow: job.workflow,
    ref: planned.defaultBranch ?? orchestration.plan.branch,
    headSha: planned.headSha,
  })
  if (!listed.ok) return listed
  const marked = listed.value.flatMap(({ runId, url, title, conclusion }): EarlierRun[] => {
    const marker = readMarker(title)
    if (marker?.job !== job.id) return []
    const isSameBuild = marker.fingerprint === shortFingerprint(planned.fingerprint)
    return [{ runId, url, origin: marker.origin, attempt: marker.attempt, isSameBuild, conclusion }]
  })
  return { ok: true, value: [...known.value, ...marked] }
}

async function readKnownRuns(
  github: Host,
  orchestration: Orchestration,
  job: Job,
  { fingerprint, headSha }: PlannedJob,
): Promise<Read<EarlierRun[]>> {
  const value: EarlierRun[] = []
  const known = orchestration.options.knownRuns.filter((run) => run.job === job.id && run.fingerprint === fingerprint)
  for (const { runId } of known) {
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
