import type { Orchestration } from '../../../model/build/orchestration.js'
import { repoKey } from '../../../model/repo-name.js'
import { byPriority } from '../../kernel/due-list.js'
import { tallyJobs } from '../state/job-tally.js'
import { indexPlan } from '../state/plan-index.js'
import type { Action } from './actions.js'
import { DecisionClock } from './decision-clock.js'
import { decideDirectives } from './directives/directives.js'
import { decideJob } from './job/job.js'
import type { PrioritizedAction } from './order.js'
import { prioritizeGlobal, prioritizeJob, prioritizePost, prioritizeStart } from './order.js'
import { toAction } from './rules.js'
import { decideTarget } from './target.js'

/**
 * Returns every action that is due now or later, in the order in which the actions start (order.ts). Pure. Actions that are in flight
 * are included; the loop starts the others. It visits the whole graph, so the loop uses `IncrementalDecider`, which returns the same actions.
 * @param now ms, UTC
 */
export function decide(orchestration: Orchestration, now: number): Action[] {
  const { plan, jobs, posts } = orchestration
  const directives = decideDirectives(orchestration, new DecisionClock(now))
  const prioritized: PrioritizedAction[] = []
  const starts: PrioritizedAction[] = []
  for (const node of indexPlan(plan).nodes) {
    const needsSettled = node.job.needs.every((need) => jobs.get(need)?.phase === 'settled')
    const decision = decideJob(directives.jobs, node, orchestration, needsSettled, new DecisionClock(now))
    prioritized.push(...prioritizeJob(decision, node))
    if (decision.start) starts.push(prioritizeStart(decision.start, node))
  }
  plan.targets.forEach((target, index) => {
    const post = decideTarget(directives.targets, target, posts.get(repoKey(target.repo)), orchestration, now)
    if (post) prioritized.push(prioritizePost(post, index))
  })
  directives.global.forEach((action, index) => prioritized.push(prioritizeGlobal(toAction(action), index)))
  const started = starts.sort(byPriority).slice(0, freeSlots(orchestration))
  return [...prioritized, ...started].sort(byPriority).map(({ action }) => action)
}

/** The number of jobs that may still become active. An active job keeps its slot. */
export function freeSlots(orchestration: Orchestration): number {
  const { maxParallel } = orchestration.options
  return maxParallel === null ? Infinity : Math.max(0, maxParallel - tallyJobs(orchestration).active)
}
