import type { Orchestration } from '../../../model/build/orchestration.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Action } from './actions.js'
import { decideJob } from './job.js'
import { decideDirectives } from './directives.js'
import { decideTarget } from './target.js'
import { tallyJobs } from '../state/job-tally.js'
import { indexPlan } from '../state/plan-index.js'
import { DecisionClock } from './decision-clock.js'
import { toAction } from './rules.js'
import { byPriority, prioritizeGlobal, prioritizePost, prioritizeStart, prioritizeJob } from './order.js'
import type { PrioritizedAction } from './order.js'

/**
 * What should happen next. Pure: it names all that is due now or later, whether or not it is being performed already, and the loop
 * starts what is not. It goes through the whole graph: the loop asks an agenda instead (agenda.ts), which names the same.
 * The order is that in which actions begin (turns.ts).
 * @param now ms, UTC
 */
export function decide(orchestration: Orchestration, now: number): Action[] {
  const { plan, jobs, posts } = orchestration
  const outlook = decideDirectives(orchestration, new DecisionClock(now))
  const turns: PrioritizedAction[] = []
  const starts: PrioritizedAction[] = []
  for (const spot of indexPlan(plan).nodes) {
    const needsSettled = spot.job.needs.every((need) => jobs.get(need)?.phase === 'settled')
    const decision = decideJob(outlook.jobs, spot, orchestration, needsSettled, new DecisionClock(now))
    turns.push(...prioritizeJob(decision, spot))
    if (decision.start) starts.push(prioritizeStart(decision.start, spot))
  }
  plan.targets.forEach((target, place) => {
    const post = decideTarget(outlook.targets, target, posts.get(repoKey(target.repo)), orchestration, now)
    if (post) turns.push(prioritizePost(post, place))
  })
  outlook.global.forEach((other, place) => turns.push(prioritizeGlobal(toAction(other), place)))
  const placed = starts.sort(byPriority).slice(0, freeSlots(orchestration))
  return [...turns, ...placed].sort(byPriority).map(({ action }) => action)
}

/** How many more jobs may be active at once. One that is active already keeps its place. */
export function freeSlots(orchestration: Orchestration): number {
  const { maxParallel } = orchestration.options
  return maxParallel === null ? Infinity : Math.max(0, maxParallel - tallyJobs(orchestration).active)
}
