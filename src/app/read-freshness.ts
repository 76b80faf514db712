import type { FreshnessInput } from '../engine/build/plan/freshness.js'
import { runKey } from '../engine/build/plan/freshness.js'
import { runsToPlanWith } from '../engine/build/plan/plan.js'
import type { RepositoryReading } from '../model/change.js'
import type { Graph } from '../model/graph.js'
import type { RepoName } from '../model/repo-name.js'
import type { Host } from '../ports/host/host.js'

/** What tells which jobs are fresh, beside the readings of the change: whose the token is, and the runs that no reading told. */
export async function readFreshness(
  github: Host,
  { graph, branch, serverUrl }: { graph: Graph; branch: string; serverUrl: string },
  readings: readonly RepositoryReading[],
): Promise<FreshnessInput> {
  const recorded = readings.find((reading) => reading.kind === 'read' && (reading.jobStatuses ?? []).length > 0)
  const login = recorded && !graph.trustedAuthors ? await readLogin(github, recorded.repo) : null
  const missing = runsToPlanWith({ graph, branch, readings }, { login, serverUrl })
  const runs = await Promise.all(
    missing.map(async ({ repo, runId }) => [runKey(repo, runId), await github.readCommitRun(repo, runId)] as const),
  )
  return { login, now: github.serverTime(), serverUrl, runs: new Map(runs) }
}

/** A token whose user cannot be read is nobody's that is known: nothing is believed then, and everything is built. */
async function readLogin(github: Host, repo: RepoName): Promise<string | null> {
  const read = await github.login(repo)
  return read.ok ? read.value : null
}
