import type { HistoryEntry, RecordedOrchestration } from '../model/build/history.js'
import type { Clock } from '../ports/clock.js'
import type { Store } from '../ports/store.js'
import { cancelAbandoned } from './cancel/cancel-abandoned.js'
import { resultOf } from './cancel/cancel-result.js'
import type { CancelResult } from './cancel/cancel-result.js'
import { requestCancel } from './cancel/request-cancel.js'
import type { CancelOutcome } from './cancel/request-cancel.js'
import { chooseOrchestration } from './history/choose-orchestration.js'
import { readHistory } from './history/read-history.js'
import type { Problem, Result, Stopped } from './problem.js'
import type { DriveOptions } from './run/drive-to-end.js'

export interface CancelOptions {
  store: Store
  clock: Clock
  /** The id of an orchestration, or a branch; undefined: the latest unfinished orchestration. */
  named: string | undefined
  /** Shows a line to the user. */
  note: (text: string) => void
  /** Stops waiting for the interrupted processes; its reason is the name of the signal. */
  signal: AbortSignal
  /**
   * Runs the work with the dependencies of a driver. Called once, and only if no process drives one of the chosen ones. Where GitHub cannot be
   * reached it reports why and does not run the work.
   */
  connect: (work: (drive: DriveOptions) => Promise<void>) => Promise<void>
}

export type Cancellation = { kind: 'done'; results: readonly CancelResult[] } | Stopped

/** Cancels the runs of unfinished orchestrations on GitHub and ends them, whether or not a process drives them. */
export async function cancelOrchestrations(options: CancelOptions): Promise<Cancellation> {
  const { store, clock, named, note, signal, connect } = options
  const chosen = await chooseToCancel(store, named)
  if (!chosen.ok) return { kind: 'stopped', problems: chosen.problems }
  const request = async ({ id }: RecordedOrchestration): Promise<readonly [string, CancelOutcome]> => [
    id,
    await requestCancel({ store, clock, id, note, signal }),
  ]
  const outcomes = new Map(await Promise.all(chosen.value.map(request)))
  if (signal.aborted) return { kind: 'stopped', problems: [interruptedProblem(String(signal.reason))] }
  const abandoned = [...outcomes].filter(([, { kind }]) => kind === 'abandoned')
  if (abandoned.length > 0) {
    await connect(async (drive) => {
      for (const [id] of abandoned) outcomes.set(id, await cancelAbandoned({ ...drive, store, id, note }))
    })
  }
  return { kind: 'done', results: chosen.value.map((entry) => toResult(entry, outcomes.get(entry.id))) }
}

/** All unfinished orchestrations of a branch; if there is none, its newest one, which may have been cancelled already. */
async function chooseToCancel(
  store: Store,
  named: string | undefined,
): Promise<Result<readonly RecordedOrchestration[]>> {
  if (named !== undefined) {
    const ofBranch = (await readHistory(store, { branch: named })).filter(isReadable)
    const unfinished = ofBranch.filter(({ state }) => state !== 'finished')
    if (unfinished.length > 0) return { ok: true, value: unfinished }
  }
  const chosen = await chooseOrchestration(store, named, 'cancel')
  return chosen.ok ? { ok: true, value: [chosen.value] } : chosen
}

function isReadable(entry: HistoryEntry): entry is RecordedOrchestration {
  return entry.state !== 'unreadable'
}

function toResult({ id, orchestration }: RecordedOrchestration, outcome: CancelOutcome | undefined): CancelResult {
  if (outcome?.kind === 'ended') return resultOf(outcome.orchestration, orchestration.ending !== null)
  const problem = outcome?.kind === 'not-ended' ? outcome.problem : null
  return { id, branch: orchestration.plan.branch, kind: 'not-ended', problem }
}

function interruptedProblem(signal: string): Problem {
  return {
    kind: 'interrupted',
    message: `stopped waiting at ${signal}`,
    why: 'the processes that were asked to end are still ending',
    remedy: 'orch list shows their state.',
  }
}
