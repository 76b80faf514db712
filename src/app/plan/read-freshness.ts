import type { FreshnessInput } from '../../engine/build/plan/freshness.js'
import { runKey } from '../../engine/build/plan/freshness.js'
import { runsToPlanWith } from '../../engine/build/plan/plan.js'
import type { RepositoryReading } from '../../model/change.js'
import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Host } from '../../ports/host/host.js'

export interface ReadFreshnessOptions {
  host: Host
  graph: Graph
  branch: string
  serverUrl: string
}

/** The inputs that decide which jobs are fresh, besides the readings of the change: the token's user, and the runs that no reading contained. */
export async function readFreshness(
  { host, graph, branch, serverUrl }: ReadFreshnessOptions,
  readings: readonly RepositoryReading[],
): Promise<FreshnessInput> {
  const recorded = readings.find((reading) => reading.kind === 'read' && (reading.jobStatuses ?? []).length > 0)
  const login = recorded && !graph.trustedAuthors ? await readLogin(host, recorded.repo) : null
  const missing = runsToPlanWith({ graph, branch, readings }, { login, serverUrl })
  const runs = await Promise.all(
    missing.map(async ({ repo, runId }) => [runKey(repo, runId), await host.readCommitRun(repo, runId)] as const),
  )
  return { login, now: host.serverTime(), serverUrl, runs: new Map(runs) }
}

/** Null: the token's user is unknown. No record is trusted then, and everything is built. */
async function readLogin(host: Host, repo: RepoName): Promise<string | null> {
  const read = await host.login(repo)
  return read.ok ? read.value : null
}
