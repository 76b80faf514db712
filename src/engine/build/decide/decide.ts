import type { Graph } from '../../../model/graph.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Action } from './actions.js'
import { decideJob } from './job.js'
import { decideOutlook } from './directives.js'
import { decideTarget } from './target.js'
import { tallyJobs } from '../state/job-tally.js'
import { layoutOf } from '../state/plan-index.js'
import { Moment } from './decision-clock.js'
import { actionOfOther } from './rules.js'
import { byTurn, turnOfOther, turnOfPost, turnOfStart, turnsOfJob } from './order.js'
import type { Turn } from './order.js'

/**
 * What should happen next. Pure: it names all that is due now or later, whether or not it is being performed already, and the loop
 * starts what is not. It goes through the whole graph: the loop asks an agenda instead (agenda.ts), which names the same.
 * The order is that in which actions begin (turns.ts).
 * @param now ms, UTC
 */
export function decide(graph: Graph, orchestration: Orchestration, now: number): Action[] {
  const { plan, jobs, posts } = orchestration
  const outlook = decideOutlook(orchestration, new Moment(now))
  const turns: Turn[] = []
  const starts: Turn[] = []
  for (const spot of layoutOf(graph, plan).spots) {
    const needsSettled = spot.job.needs.every((need) => jobs.get(need)?.phase === 'settled')
    const decision = decideJob(outlook.jobs, spot, orchestration, needsSettled, new Moment(now))
    turns.push(...turnsOfJob(decision, spot))
    if (decision.start) starts.push(turnOfStart(decision.start, spot))
  }
  plan.targets.forEach((target, place) => {
    const post = decideTarget(outlook.targets, target, posts.get(repoKey(target.repo)), orchestration, now)
    if (post) turns.push(turnOfPost(post, place))
  })
  outlook.others.forEach((other, place) => turns.push(turnOfOther(actionOfOther(other), place)))
  const placed = starts.sort(byTurn).slice(0, freePlaces(orchestration))
  return [...turns, ...placed].sort(byTurn).map(({ action }) => action)
}

/** How many more jobs may be active at once. One that is active already keeps its place. */
export function freePlaces(orchestration: Orchestration): number {
  const { maxParallel } = orchestration.options
  return maxParallel === null ? Infinity : Math.max(0, maxParallel - tallyJobs(orchestration).active)
}
