import type { OrchestrationOutcome } from '../../../model/build/orchestration.js'
import type { RecordedOrchestration } from '../../../model/build/history.js'
import type { EffectiveStatus } from '../../../model/flow/flow-run.js'
import type { StatusState } from '../../../model/change.js'
import { signs } from '../../../report/graph/tone.js'
import type { Tone } from '../../../report/graph/tone.js'
import type { WorkerState, WorkloadStatus } from '../../workloads/workload.js'

export interface State {
  tone: Tone
  word: string
}

export function Badge({ tone, word }: State) {
  return (
    <span class={`badge ${tone}`}>
      <span class="sign" aria-hidden="true">
        {signs[tone]}
      </span>
      {word}
    </span>
  )
}

export const workloadTones: Record<WorkloadStatus, Tone> = {
  pending: 'wait',
  claimed: 'run',
  running: 'run',
  completed: 'good',
  failed: 'bad',
  cancelled: 'idle',
}

/** What a run of a flow came to, or where it is. */
export const runStates: Record<EffectiveStatus, State> = {
  queued: { tone: 'wait', word: 'queued' },
  running: { tone: 'run', word: 'running' },
  completed: { tone: 'good', word: 'completed' },
  changed: { tone: 'good', word: 'changed' },
  skipped: { tone: 'idle', word: 'skipped' },
  needs_intervention: { tone: 'bad', word: 'needs intervention' },
  blocked: { tone: 'bad', word: 'blocked' },
  failed: { tone: 'bad', word: 'failed' },
  cancelled: { tone: 'idle', word: 'cancelled' },
}

export const workerTones: Record<WorkerState, Tone> = { standby: 'idle', claimed: 'run', active: 'run' }

export const statusTones: Record<StatusState, Tone> = { success: 'good', pending: 'wait', failure: 'bad', error: 'bad' }

const outcomes: Record<OrchestrationOutcome, State> = {
  succeeded: { tone: 'good', word: 'succeeded' },
  failed: { tone: 'bad', word: 'failed' },
  unknown: { tone: 'bad', word: 'unknown' },
  'timed-out': { tone: 'bad', word: 'timed out' },
  superseded: { tone: 'idle', word: 'superseded' },
  'partially-merged': { tone: 'bad', word: 'partially merged' },
  held: { tone: 'wait', word: 'held' },
  cancelled: { tone: 'idle', word: 'cancelled' },
}

/** The state of an orchestration. */
export function orchestrationState({ state, orchestration }: RecordedOrchestration): State {
  if (orchestration.ending) return outcomes[orchestration.ending.outcome]
  return state === 'running' ? { tone: 'run', word: 'running' } : { tone: 'wait', word: 'waiting for a worker' }
}
