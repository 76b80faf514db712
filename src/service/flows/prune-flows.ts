import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { FlowStore } from '../../ports/flow-store.js'
import { eventsKeptMs } from '../../store/flows/flow-rules.js'
import type { Database } from '../database/database.js'
import type { Log } from '../operations/log.js'
import { pruneEvents } from './prune-events.js'
import { pruneFolders } from './prune-folders.js'
import type { FlowPlaces } from './step-actions.js'
import { workloadsOf } from './step-workload.js'

export interface PruneFlowsOptions {
  database: Database
  store: Pick<FlowStore, 'readRun'>
  places: Pick<FlowPlaces, 'stateDirectory'>
  clock: Clock
  log: Log
}

const intervalMs = 3_600_000
/** The most events that one transaction removes. */
const batchSize = 100

/** Removes what is older than its time, until the signal aborts. Any number of processes may do so. */
export async function keepPruningFlows(options: PruneFlowsOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options
  while (!signal.aborted) {
    try {
      await pruneFlows(options, signal)
    } catch (error) {
      log.warn({ error: failureText(error) }, 'old events could not be removed; trying again in an hour')
    }
    await clock.sleep(intervalMs, signal)
  }
}

async function pruneFlows(options: PruneFlowsOptions, signal: AbortSignal): Promise<void> {
  const { database, clock, log } = options
  const before = clock.now() - eventsKeptMs
  let count = 0
  while (!signal.aborted) {
    const { events, runs } = await pruneEvents({ database, before, limit: batchSize })
    await database.query('DELETE FROM orch.workloads WHERE id = ANY($1) AND ended_at IS NOT NULL', [
      runs.flatMap(workloadsOf),
    ])
    count += events.length
    if (events.length < batchSize) break
  }
  if (count > 0) log.info({ events: count }, 'old events were removed')
  await pruneFolders({ ...options, before })
}
