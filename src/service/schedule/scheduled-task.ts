import { assertNever } from '../../lib/assert-never.js'
import { compilePattern, matchesBranches } from '../../model/branch-pattern.js'
import { isAuthFailure } from '../../model/failure.js'
import { repositoriesOf, type Graph } from '../../model/graph.js'
import type { ScheduleEntry } from '../../model/service-settings.js'
import type { Changes } from '../../ports/host/changes.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import type { Log } from '../operations/log.js'

export interface ScheduledTaskOptions {
  graph: Graph
  host: Pick<Changes, 'readPullRequests'>
  commands: ChangeCommands
  log: Log
}

/**
 * Does what an entry asks for; safe to repeat. Rejects when GitHub could not be reached, so that it is repeated. `eventId`: identifies the entry and
 * its time.
 */
export async function performScheduled(
  options: ScheduledTaskOptions,
  { action, cron }: ScheduleEntry,
  eventId: string,
): Promise<void> {
  const log = options.log.with({ schedule: cron, event: eventId })
  const by = `schedule ${cron}`
  switch (action.kind) {
    case 'run': {
      const run = await options.commands.run(action.branch, by, eventId)
      if (run.kind !== 'stopped')
        return log.info({ change: action.branch, workload: run.workload }, 'Queued a scheduled run')
      return log.warn({ change: action.branch, problem: run.problems[0]?.message }, 'A scheduled run was not queued')
    }
    case 'invalidate':
      return invalidateMatching({ ...options, log }, action.pattern, by)
    default:
      return assertNever(action)
  }
}

async function invalidateMatching(options: ScheduledTaskOptions, pattern: string, by: string): Promise<void> {
  const { commands, log } = options
  const incomplete: string[] = []
  for (const branch of await findBranches(options, pattern)) {
    const { kind } = await commands.invalidate(branch, by)
    if (kind === 'done') log.info({ change: branch }, 'Locked a change, as scheduled')
    else if (kind === 'auth') log.error({ change: branch }, 'A scheduled lock lacks a permission')
    else incomplete.push(branch)
  }
  if (incomplete.length > 0) throw new Error(`not every pull request of ${incomplete.join(', ')} could be locked`)
}

/** The coordinated branches with open pull requests that match the pattern. */
async function findBranches({ graph, host, log }: ScheduledTaskOptions, pattern: string): Promise<string[]> {
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
    else log.error({ repository: repo, failure: pullRequests.failure.message }, 'A scheduled lock lacks a permission')
  }
  return [...branches].sort()
}
