import { receiveEvent } from '../../flows/receive-event.js'
import { assertNever } from '../../lib/assert-never.js'
import type { Graph } from '../../model/graph.js'
import type { ScheduledAction, ScheduleEntry } from '../../model/service-settings.js'
import type { Changes } from '../../ports/host/changes.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import { invalidateMatching } from '../commands/invalidate-matching.js'
import type { FlowService } from '../flows/flow-service.js'
import type { Log } from '../operations/log.js'

export interface ScheduledTaskOptions {
  graph: Graph
  host: Pick<Changes, 'readPullRequests'>
  commands: ChangeCommands
  flows: Pick<FlowService, 'ports' | 'advance'>
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
    case 'event':
      return sendEvent({ ...options, log }, action, eventId)
    default:
      return assertNever(action)
  }
}

/** `taskId`: `schedule:<entry>:<time>`. The id of the event cannot be that of the schedule of a flow, whose entries are numbers. */
async function sendEvent(
  { flows, log }: Pick<ScheduledTaskOptions, 'flows' | 'log'>,
  { type, source, payload }: Extract<ScheduledAction, { kind: 'event' }>,
  taskId: string,
): Promise<void> {
  const id = taskId.replace(/^schedule:/u, 'schedule:graph:')
  const received = await receiveEvent(flows.ports, { id, type, source, payload })
  if (received.kind === 'conflict' || received.kind === 'unsupported')
    return log.warn({ problem: received.kind }, 'A scheduled event was not kept')
  const started = received.runs.map(({ flow }) => flow)
  if (received.event.unmatched === null) log.info({ flows: started.join(', ') }, 'Sent a scheduled event')
  else log.warn({ problem: received.event.unmatched }, 'A scheduled event started nothing')
  return flows.advance(started)
}
