import { jobContext } from '../../../model/build/job-record.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { PlannedJob } from '../../../model/build/plan.js'
import type { EarlierRun } from '../../../model/build/state/job-state.js'
import type { Job } from '../../../model/graph.js'
import type { Host } from '../../../ports/host/host.js'
import type { Read } from '../../../ports/host/read.js'
import { isRecent } from '../plan/freshness.js'
import { readJobRecord } from '../plan/job-records.js'
import type { Trust } from '../plan/job-records.js'
import { isAfterNeeds } from './needs-order.js'

/** Finds the run of a record that another orchestration wrote since the change was planned. */
export async function findRecordedRun(
  github: Host,
  orchestration: Orchestration,
  job: Job,
  { planned, headSha, trust }: { planned: PlannedJob; headSha: string; trust: Trust },
): Promise<Read<EarlierRun[]>> {
  const none: Read<EarlierRun[]> = { ok: true, value: [] }
  const { graph } = orchestration.plan
  const { repo, id, workflow } = job
  const context = jobContext(graph.statusContext, id)
  const statuses = await github.listStatuses({ repo, headSha, context, newestOnly: true })
  if (!statuses.ok) return statuses
  const reading = { repo, jobStatuses: statuses.value.slice(0, 1) }
  const { statusContext } = graph
  const { fingerprint } = planned
  const record = readJobRecord(reading, { statusContext, job: id, fingerprint, trust, serverUrl: null })
  if (record.kind !== 'linked' || !isAfterNeeds(orchestration, job, record.runId)) return none
  const read = await github.readCommitRun(repo, record.runId)
  if (!read.ok) return read
  const run = read.value
  // The link of the record names a server too, which must be that of the run.
  if (run === null || run.url !== statuses.value[0]?.targetUrl) return none
  if (run.headSha !== headSha || run.workflow !== workflow) return none
  if (!isRecent(run.updatedAt, graph, github.serverTime())) return none
  const { runId, url } = run
  const conclusion = run.status === 'completed' ? run.conclusion : null
  return { ok: true, value: [{ runId, url, origin: null, attempt: 0, isSameBuild: true, conclusion }] }
}
