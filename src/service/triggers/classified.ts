import { branchNameProblem } from '../../model/branch-name.js'
import { matchesBranches } from '../../model/branch-pattern.js'
import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Trigger } from './trigger.js'

/** A delivery of one repository of the graph. */
export interface RepositoryDelivery {
  /** In the spelling of the graph file. */
  repo: RepoName
  /** Empty: the payload has none. */
  action: string
  payload: unknown
}

export function ignored(reason: string): Trigger {
  return { kind: 'ignored', reason }
}

export function malformed(problem: string): Trigger {
  return ignored(`the payload is not what GitHub sends: ${problem}`)
}

/** Whether a branch is the branch of a change. */
export function isOfChange(graph: Graph, branch: string): boolean {
  return branchNameProblem(branch) === undefined && matchesBranches(graph.branches, branch)
}
