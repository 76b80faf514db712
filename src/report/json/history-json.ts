import { shownAt } from '../../model/build/history.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import { jsonVersion } from '../../model/wire/common.js'
import type {
  HistoryEntryJson,
  HistoryJson,
  JobCountsJson,
  OrchestrationSummaryJson,
} from '../../model/wire/history.js'
import { viewJobs } from '../views/job-view.js'
import type { JobDisplayState } from '../views/job-view.js'
import { toTimestamp } from './common-json.js'

/** The document of `orch list --json`, in the order given. `now`: ms, UTC. */
export function historyToJson(history: readonly HistoryEntry[], now: number): HistoryJson {
  return { version: jsonVersion, orchestrations: history.map((entry) => entryJson(entry, now)) }
}

/** What `list` and `show` have in common. */
export function summaryJson(entry: RecordedOrchestration, now: number): OrchestrationSummaryJson {
  const { id, location, state, driver, orchestration } = entry
  const { startedAt, lastAt, ending, plan } = orchestration
  return {
    id,
    journal: location,
    state,
    processId: driver?.pid ?? null,
    branch: plan.branch,
    startedAt: toTimestamp(startedAt),
    lastEventAt: toTimestamp(lastAt),
    durationMs: shownAt(entry, now) - startedAt,
    outcome: ending?.outcome ?? null,
    reason: ending?.reason ?? null,
    isAuthFailure: ending?.auth ?? null,
  }
}

function entryJson(entry: HistoryEntry, now: number): HistoryEntryJson {
  if (entry.state !== 'unreadable')
    return { ...summaryJson(entry, now), jobCounts: jobCountsJson(entry, now), problem: null }
  return {
    id: entry.id,
    journal: entry.location,
    state: entry.state,
    processId: null,
    branch: null,
    startedAt: null,
    lastEventAt: null,
    durationMs: null,
    outcome: null,
    reason: null,
    isAuthFailure: null,
    jobCounts: null,
    problem: entry.problem,
  }
}

function jobCountsJson(entry: RecordedOrchestration, now: number): JobCountsJson {
  const views = viewJobs(entry.orchestration, shownAt(entry, now))
  const count = (state: JobDisplayState): number => views.filter(({ displayState }) => displayState === state).length
  return {
    all: views.length,
    waiting: count('waiting'),
    active: count('active'),
    succeeded: count('succeeded'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    skipped: count('skipped'),
    notRun: count('not-run'),
    leftRunning: count('left-running'),
  }
}
