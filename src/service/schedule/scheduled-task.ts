import { assertNever } from '../../lib/assert-never.js'
import type { Graph } from '../../model/graph.js'
import type { ScheduleEntry } from '../../model/service-settings.js'
import type { Changes } from '../../ports/host/changes.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import { invalidateMatching } from '../commands/invalidate-matching.js'
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
      await invalidateMatching({ ...options, log }, action.pattern, by)
      return undefined
    default:
      return assertNever(action)
  }
}
