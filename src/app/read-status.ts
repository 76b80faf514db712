import { checkStatus } from '../engine/build/check-status.js'
import type { ChangeStatus } from '../model/change-status.js'
import { isAuthFailure } from '../model/failure.js'
import type { Graph } from '../model/graph.js'
import { repositoriesOf } from '../model/graph.js'
import type { Changes } from '../ports/host/changes.js'

export interface ReadStatusOptions {
  host: Pick<Changes, 'readChange'>
  graph: Graph
  branch: string
}

/**
 * The statuses of a change. `auth`: a repository could not be read for lack of a permission; `near-miss`: a branch
 * differs only in case, so that its repository may be missing from the change; else the verdict of the statuses.
 */
export interface ReadStatusResult {
  kind: 'green' | 'pending' | 'not-green' | 'auth' | 'near-miss'
  status: ChangeStatus
}

/** Reads the commit statuses of a change and compares them with the change as it is now. */
export async function readStatus({ host, graph, branch }: ReadStatusOptions): Promise<ReadStatusResult> {
  const repositories = repositoriesOf(graph).map((repo) => ({ repo, workflows: [] }))
  const readings = await host.readChange({
    branch,
    statusContext: graph.statusContext,
    repositories,
    membership: true,
    mergeability: true,
    ahead: true,
  })
  const status = checkStatus(graph, branch, readings)
  const isDenied = status.repositories.some((row) => row.kind === 'unreadable' && isAuthFailure(row.failure))
  if (isDenied) return { kind: 'auth', status }
  const isNearMiss = status.repositories.some(({ kind }) => kind === 'near-miss')
  return { kind: isNearMiss ? 'near-miss' : status.verdict, status }
}
