import { compilePattern, matchesBranches } from '../../model/branch-pattern.js'
import { isAuthFailure } from '../../model/failure.js'
import { repositoriesOf } from '../../model/graph.js'
import type { Graph } from '../../model/graph.js'
import type { Changes } from '../../ports/host/changes.js'
import type { Log } from '../operations/log.js'
import type { ChangeCommands } from './change-commands.js'

export interface InvalidateMatchingOptions {
  graph: Graph
  host: Pick<Changes, 'readPullRequests'>
  commands: Pick<ChangeCommands, 'invalidate'>
  log: Log
}

/**
 * Locks the open pull requests of every change whose branch matches. Returns their branches. Rejects when not all of them could be locked, or GitHub
 * could not be reached. A missing permission is logged.
 */
export async function invalidateMatching(
  options: InvalidateMatchingOptions,
  pattern: string,
  by: string,
): Promise<string[]> {
  const { commands, log } = options
  const locked: string[] = []
  const incomplete: string[] = []
  for (const branch of await findBranches(options, pattern)) {
    const { kind } = await commands.invalidate(branch, by)
    if (kind === 'auth') log.error({ change: branch }, 'The lock of a change lacks a permission')
    else if (kind !== 'done') incomplete.push(branch)
    else {
      log.info({ change: branch, by }, 'Locked a change')
      locked.push(branch)
    }
  }
  if (incomplete.length > 0) throw new Error(`not every pull request of ${incomplete.join(', ')} could be locked`)
  return locked
}

/** The coordinated branches with open pull requests that match the pattern. */
async function findBranches({ graph, host, log }: InvalidateMatchingOptions, pattern: string): Promise<string[]> {
  const compiled = compilePattern(pattern)
  if (!compiled.ok) throw new Error(`the pattern ${pattern} passed the graph file, and is not valid`)
  const read = await host.readPullRequests({
    repositories: repositoriesOf(graph),
    statusContext: graph.statusContext,
    matches: (branch) => compiled.matches(branch) && matchesBranches(graph.branches, branch),
  })
  const branches = new Set<string>()
  for (const { repo, read: pullRequests } of read) {
    if (pullRequests.ok) for (const { pullRequest } of pullRequests.value) branches.add(pullRequest.headRef)
    else if (!isAuthFailure(pullRequests.failure)) throw new Error(`${repo}: ${pullRequests.failure.message}`)
    else
      log.error({ repository: repo, failure: pullRequests.failure.message }, 'The lock of a change lacks a permission')
  }
  return [...branches].sort()
}
