import { cancelRun } from '../../flows/cancel-run.js'
import { createFlowReader } from '../../flows/file/find-flows.js'
import { createPayloadSchemas } from '../../flows/json-schema.js'
import type { FlowPorts } from '../../flows/receive-event.js'
import { failureText } from '../../lib/failure-text.js'
import type { Database } from '../database/database.js'
import type { Executors } from '../workloads/execution.js'
import { endedChannel } from '../workloads/messages.js'
import type { Workloads } from '../workloads/workload.js'
import { createScheduleTable } from '../schedule/schedule-table.js'
import { createDatabaseFlowStore } from './database-flow-store.js'
import { runFlowPolls } from './flow-poll.js'
import type { FlowPollOptions } from './flow-poll.js'
import { FlowProgress } from './flow-progress.js'
import { runFlowSchedule } from './flow-schedule.js'
import type { FlowService } from './flow-service.js'
import { keepPruningFlows } from './prune-flows.js'
import { pollFlow } from './poll-command.js'
import { createPerformFlowStep } from './perform-flow-step.js'
import { contextDirectoryOf, createStepActions } from './step-actions.js'
import type { StepActionsOptions } from './step-actions.js'
import { runOfChangeWorkload, workloadsOf } from './step-workload.js'

export interface FlowServiceOptions extends Omit<StepActionsOptions, 'ports' | 'progress'> {
  database: Database
  workloads: Pick<Workloads, 'enqueue' | 'read' | 'cancel'>
}

/** How often runs are looked at that a crash or a lost message may have left behind, ms. */
const sweepMs = 30_000

/** Events and flows, and what performs their steps as workloads. */
export function createFlowService(options: FlowServiceOptions): FlowService & { perform: Executors['flow-step'] } {
  const { database, workloads, clock, log, places } = options
  const { checkPayload, schemaProblem } = createPayloadSchemas()
  const ports: FlowPorts = {
    store: createDatabaseFlowStore(database),
    readFlows: createFlowReader(places.root, schemaProblem),
    checkPayload,
    now: () => clock.now(),
    unsupported: () => null,
  }
  const progress = new FlowProgress({ ports, workloads, log })
  const actions = createStepActions({ ...options, ports, progress })
  const sweep = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await progress.sweep()
      await clock.sleep(sweepMs, signal)
    }
  }
  const prune = (signal: AbortSignal): Promise<void> => keepPruningFlows({ ...options, store: ports.store }, signal)
  return {
    ports,
    prune,
    perform: createPerformFlowStep({
      ports,
      clock,
      log,
      progress,
      actions,
      contextDirectoryOf: (attempt) => contextDirectoryOf(places, attempt),
    }),
    advance: (flows) => progress.advance(flows),
    cancel: async (runId, by) => {
      const cancellation = await cancelRun(ports, runId, by)
      if (cancellation.kind !== 'requested') return cancellation
      for (const id of workloadsOf(cancellation.run)) await workloads.cancel(id, by)
      await progress.continueRun(runId)
      return cancellation
    },
    run: async (signal) => {
      const stopListening = await database.listen(endedChannel, (id) => {
        const run = runOfChangeWorkload(id)
        if (run !== null) void progress.continueRun(run)
      })
      const table = createScheduleTable(database)
      const advance = (flows: readonly string[]): Promise<void> => progress.advance(flows)
      const poll: FlowPollOptions['poll'] = (flow, aborted) =>
        pollFlow({ ports, places, clock, log, advance }, flow, aborted)
      await Promise.all([
        sweep(signal),
        prune(signal),
        runFlowSchedule({ ports, table, clock, log, advance }, signal),
        runFlowPolls({ ports, table, clock, log, poll }, signal),
      ])
      await stopListening().catch((error: unknown) => log.warn({ error: failureText(error) }, 'still listening'))
    },
  }
}
