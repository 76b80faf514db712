import type { Outcome } from './kill-points.js'

/**
 * In what a run differs from the one that nothing happened to, one sentence each; empty: in nothing that matters.
 *
 * A dispatch whose intent is journaled and whose request never left cannot be told from one that is still on its way: of such a run only
 * this is asked, that it ends without success, saying that it cannot be told. The oracle for that is GitHub, not the engine.
 */
export function differences(run: Outcome, baseline: Outcome): string[] {
  const needless = run.cancelled.filter((name) => !baseline.cancelled.includes(name))
  const found = [...run.broken, ...needless.map((name) => `${name} was cancelled needlessly`)]
  return [...found, ...(run.unsent.length > 0 ? untold(run, baseline) : unlike(run, baseline))]
}

function unlike(run: Outcome, baseline: Outcome): string[] {
  const found: string[] = []
  if (run.outcome !== baseline.outcome) found.push(`it ended ${run.outcome}: ${run.reason}`)
  found.push(...compare('the runs are', withoutFate(run, baseline), withoutFate(baseline, baseline)))
  found.push(...compare('the statuses are', run.side.statuses, baseline.side.statuses))
  return found
}

/** What fail-fast cancels may have ended before a resumed process came to it: how it ended is left out. */
function withoutFate({ side }: Outcome, { cancelled }: Outcome): string[] {
  return side.runs.map((text) => {
    const [name = '', sha = '', conclusion = ''] = text.split(' ')
    return `${name} ${sha} ${cancelled.includes(name) ? 'success or cancelled' : conclusion}`
  })
}

function untold(run: Outcome, baseline: Outcome): string[] {
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
