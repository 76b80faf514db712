import type { JobDisplayState } from '../views/job-view.js'

/** How a state looks: `good`, `bad`, `wait` (something must happen first), `run` (under way), `idle`. */
export type Tone = 'good' | 'bad' | 'wait' | 'run' | 'idle'

/** A sign beside the words, so that no state is shown by its color alone. */
export const signs: Record<Tone, string> = { good: '✓', bad: '✗', wait: '!', run: '▸', idle: '–' }

export const jobTones: Record<JobDisplayState, Tone> = {
  waiting: 'idle',
  active: 'run',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'wait',
  skipped: 'idle',
  'not-run': 'idle',
  'left-running': 'run',
}
