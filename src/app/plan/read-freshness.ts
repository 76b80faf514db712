import type { FreshnessInput } from '../../engine/build/plan/freshness.js'
import { runKey } from '../../engine/build/plan/freshness.js'
import type { JobReceivers } from '../../engine/build/plan/job-receivers.js'
import { trustOf } from '../../engine/build/plan/job-records.js'
import type { Trust } from '../../engine/build/plan/job-records.js'
import { findMarkedRun } from '../../engine/build/plan/marked-runs.js'
import type { MarkedListing } from '../../engine/build/plan/marked-runs.js'
import { listingsToPlanWith, runsToPlanWith } from '../../engine/build/plan/plan.js'
import type { RepositoryReading } from '../../model/change.js'
import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { ReadWorkflowTriggers } from '../../model/workflow-triggers.js'
import type { Host } from '../../ports/host/host.js'

export interface ReadFreshnessOptions {
  host: Host
  graph: Graph
  branch: string
  serverUrl: string
  readTriggers: ReadWorkflowTriggers
  receivers?: JobReceivers
}

/** The inputs that decide which jobs are fresh, besides the readings of the change: the token's user, and the runs that no reading contained. */
export async function readFreshness(
  { host, graph, branch, serverUrl, readTriggers, receivers }: ReadFreshnessOptions,
  readings: readonly RepositoryReading[],
): Promise<FreshnessInput> {
  const recorded = readings.find((reading) => reading.kind === 'read' && (reading.jobStatuses ?? []).length > 0)
  const listings = listingsToPlanWith({ graph, branch, readings, readTriggers, receivers })
  const repo = graph.trustedAuthors ? undefined : (recorded?.repo ?? listings[0]?.query.repo)
  const login = repo === undefined ? null : await readLogin(host, repo)
  const trust = trustOf(graph, login)
  const markedRuns = trust.ok ? await findMarkedRuns(host, listings, trust) : new Map<string, number>()
  const missing = runsToPlanWith({ graph, branch, readings }, { login, serverUrl, markedRuns })
  const runs = await Promise.all(
    missing.map(async ({ repo, runId }) => [runKey(repo, runId), await host.readCommitRun(repo, runId)] as const),
  )
  return { login, now: host.serverTime(), serverUrl, runs: new Map(runs), markedRuns }
}

/** A listing that fails finds nothing: the job is built again. */
async function findMarkedRuns(
  host: Host,
  listings: readonly MarkedListing[],
  trust: Trust,
): Promise<Map<string, number>> {
  const found = await Promise.all(
    listings.map(async (listing) => {
      const read = await host.listRuns(listing.query)
      const runId = read.ok ? findMarkedRun(listing, read.value, trust) : null
      return runId === null ? [] : [[listing.job, runId] as const]
    }),
  )
  return new Map(found.flat())
}

/** Null: the token's user is unknown. No record is trusted then, and everything is built. */
async function readLogin(host: Host, repo: RepoName): Promise<string | null> {
  const read = await host.login(repo)
  return read.ok ? read.value : null
}
