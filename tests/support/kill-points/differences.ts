import type { Outcome } from './kill-points.js'

/**
 * The differences between a run and the undisturbed one, one sentence each; empty: no relevant difference.
 *
 * A dispatch whose intent is journaled and whose request was never sent cannot be distinguished from one in flight. Such a run only has
 * to end without success and to report the unknown dispatch. The oracle for that is GitHub, not the engine.
 */
export function differences(run: Outcome, baseline: Outcome): string[] {
  const needless = run.cancelled.filter((name) => !baseline.cancelled.includes(name))
  const found = [...run.broken, ...needless.map((name) => `${name} was cancelled needlessly`)]
  return [...found, ...(run.unsent.length > 0 ? problemsOfUnknownDispatch(run, baseline) : unlike(run, baseline))]
}

function unlike(run: Outcome, baseline: Outcome): string[] {
  const found: string[] = []
  if (run.outcome !== baseline.outcome) found.push(`it ended ${run.outcome}: ${run.reason}`)
  found.push(
    ...compare('the runs are', withoutCancelledEnding(run, baseline), withoutCancelledEnding(baseline, baseline)),
  )
  found.push(...compare('the statuses are', run.side.statuses, baseline.side.statuses))
  return found
}

/** A run that fail-fast cancels may end before a resumed process reaches it, so that its ending is left out. */
function withoutCancelledEnding({ side }: Outcome, { cancelled }: Outcome): string[] {
  return side.runs.map((text) => {
    const [name = '', sha = '', conclusion = ''] = text.split(' ')
    return `${name} ${sha} ${cancelled.includes(name) ? 'success or cancelled' : conclusion}`
  })
}

function problemsOfUnknownDispatch(run: Outcome, baseline: Outcome): string[] {
  const found: string[] = []
  const allowed = baseline.outcome === 'succeeded' ? ['unknown'] : ['unknown', baseline.outcome]
  if (!allowed.includes(run.outcome))
    found.push(`it ended ${run.outcome} although a dispatch is unclear: ${run.reason}`)
  const state = run.outcome === 'unknown' ? 'error' : 'failure'
  const wrong = run.side.statuses.filter((status) => !status.endsWith(` ${state}`))
  found.push(...wrong.map((status) => `a status is ${status}`))
  const strange = run.side.runs.map(first).filter((name) => !baseline.side.runs.map(first).includes(name))
  return [...found, ...strange.map((name) => `${name} was built, which the change does not build`)]
}

function first(text: string): string {
  return text.split(' ')[0] ?? ''
}

function compare(what: string, got: readonly string[], wanted: readonly string[]): string[] {
  return got.join(', ') === wanted.join(', ') ? [] : [`${what} ${got.join(', ')} instead of ${wanted.join(', ')}`]
}
