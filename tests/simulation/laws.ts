import { apply, begin } from '../../src/engine/build/state/apply.js'
import { decide } from '../../src/engine/build/decide/decide.js'
import type { Event } from '../../src/model/build/events.js'
import type { Orchestration } from '../../src/model/build/orchestration.js'
import { incrementalDeciderBroken } from './agenda-laws.js'
import { approvalsBroken } from './approval-laws.js'
import { untesting } from './disturbance.js'
import { eventLawsBroken } from './event-laws.js'
import { lostDispatchBroken } from './lost-dispatch-laws.js'
import { longTimeout } from './history.js'
import type { History } from './history.js'
import { reuseBroken, verdictBroken } from './manual-reruns.js'
import type { Replay } from './replay.js'
import type { World } from './world.js'
import { isForeign } from './world-model.js'

/** The laws that every history must keep. Each broken law is one sentence. */
export function brokenLaws(
  history: History,
  { outcome, orchestration, world, graph, events, hours }: Replay,
): string[] {
  const broken = [...world.violations]
  const most = history.onLostDispatch === 'dispatch-again' ? 2 : 1
  for (const repo of new Set(world.dispatches)) {
    const count = world.dispatches.filter((other) => other === repo).length
    if (count > most) broken.push(`${repo} was dispatched ${count} times`)
  }
  const heads = orchestration.plan.targets.map(({ repo }) => world.find(repo))
  const green = heads.filter(({ statuses: [newest] }) => newest?.state === 'success' && !isForeign(newest))
  const openHeads = heads.filter(({ pullRequest }) => pullRequest?.state === 'open')
  if (outcome === 'succeeded' && openHeads.some(({ statuses }) => statuses[0]?.state !== 'success')) {
    if (untesting.has(history.disturbance)) broken.push('succeeded, but a pull request is not unlocked')
  }
  const unlockedAlone =
    outcome !== 'succeeded' && green.length > 0 && !/may be unlocked/u.test(orchestration.ending?.reason ?? '')
  if (unlockedAlone) broken.push(`${outcome}, but unlocked: ${green.map(({ repo }) => repo).join(', ')}`)
  if (
    history.timeoutMinutes >= longTimeout &&
    history.trouble === 'none' &&
    isUndisturbed(history, world) &&
    history.obstacle === undefined &&
    // Runs may wait for an approval until the time is up.
    !(history.approvals !== undefined && outcome === 'timed-out') &&
    history.rerunsByHand === undefined &&
    // It is not always known whether the dispatch left before the process died.
    !(history.crashes > 0 && outcome === 'unknown') &&
    outcome !== 'succeeded'
  ) {
    broken.push(`nothing went wrong, but the outcome is ${outcome}: ${orchestration.ending?.reason}`)
  }
  const bound = history.timeoutMinutes / 60 + 2.5
  if (hours > bound) broken.push(`it took ${hours.toFixed(1)} hours`)
  const open = [...orchestration.jobs].filter(([, job]) => job.phase !== 'settled')
  if (open.length > 0 && !orchestration.interrupted) broken.push(`not settled: ${open.map(([job]) => job).join(', ')}`)
  return [
    ...broken,
    ...basesBroken({ outcome, world, events }),
    ...holdingBroken(history, { outcome, orchestration, world }),
    ...statusesBroken({ outcome, orchestration, world }),
    ...runsBroken(orchestration, world),
    ...freshnessBroken(orchestration, world),
    ...verdictBroken(history, { outcome, orchestration, world, events }),
    ...reuseBroken({ orchestration, world }),
    ...lostDispatchBroken(history, { orchestration, world, graph, events }),
    ...approvalsBroken(history, { world, graph, events }),
    ...eventLawsBroken(events, graph),
    ...foldBroken(events, orchestration),
    // This check takes as long as the history itself, so only an eighth of the histories, always the same ones, are checked.
    ...(history.seed % 8 === 0 ? incrementalDeciderBroken(events) : []),
  ]
}

/** Whether nothing outside ends the orchestration: a pull request that is closed when the last build ends does. */
function isUndisturbed({ disturbance }: History, world: World): boolean {
  if (disturbance === 'reopen') return world.reopenedAt < Math.max(...world.runs.map(({ endsAt }) => endsAt))
  return untesting.has(disturbance)
}

/**
 * Law 1: a pull request that got another base after the plan was not tested for it. World.checkSuccess checks each success. A reading after
 * the successes of a held set were taken back decides nothing but whether it was merged meanwhile.
 */
function basesBroken({ outcome, world, events }: Pick<Replay, 'outcome' | 'world' | 'events'>): string[] {
  if (outcome !== 'succeeded' && outcome !== 'held') return []
  const decided = events.findLast((event) => event.type === 'verified' && event.stage !== 'after-revocation')
  const lastRead = world.changeReads.findLast((at) => decided !== undefined && at <= decided.at) ?? -Infinity
  return [...world.repositories.values()]
    .filter(({ retargetedAt = Infinity }) => retargetedAt < lastRead)
    .map(({ repo }) => `${outcome}, although the base of ${repo} was changed before the deciding reading of the change`)
}

/** Law 10: a set with a draft or a conflict is never unlocked, and nothing else is held. World.checkSuccess checks each success. */
function holdingBroken(
  { obstacle }: History,
  { outcome, orchestration, world }: Pick<Replay, 'outcome' | 'orchestration' | 'world'>,
): string[] {
  if (outcome === 'held' && obstacle === undefined) return [`held, although nothing prevents the merge`]
  if (outcome !== 'succeeded' || orchestration.plan.targets.length === 0) return []
  const lastRead = world.changeReads.at(-1) ?? -Infinity
  return [...world.repositories.values()].flatMap(({ repo, pullRequest, conflictingSince = Infinity }) => {
    if (pullRequest?.state !== 'open' || conflictingSince >= lastRead) return []
    return [`succeeded, although ${repo} could not be merged when the change was read last`]
  })
}

/** At the end our last status on each open pull request shows the outcome, or the ending reports that it does not. */
function statusesBroken({
  outcome,
  orchestration,
  world,
}: Pick<Replay, 'outcome' | 'orchestration' | 'world'>): string[] {
  const reason = orchestration.ending?.reason ?? ''
  if (outcome === 'succeeded' || /may be unlocked|(?:is|are) still pending/u.test(reason)) return []
  const heads = orchestration.plan.targets.map(({ repo }) => world.find(repo))
  return heads.flatMap(({ repo, statuses, pullRequest }) => {
    const newest = statuses[0]
    if (newest === undefined || isForeign(newest) || pullRequest?.state !== 'open') return []
    const isRevoked = newest.state === 'pending' && newest.description.includes('revoked:')
    // An interruption of the closing statuses of a held set leaves some of them posted, as that of a failed build does.
    const mayWait = ['held', 'partially-merged'].includes(outcome) || orchestration.interrupted !== null
    if (mayWait && newest.state === 'pending' && newest.description.includes('tested; waits for')) return []
    const wanted = outcome === 'failed' ? ['failure'] : ['error']
    // An interruption of the closing statuses of a failed build leaves some of them posted.
    if (orchestration.interrupted) wanted.push('failure')
    return wanted.includes(newest.state) || isRevoked ? [] : [`${outcome}, but ${repo} says ${newest.state}: ${reason}`]
  })
}

/** At the end every dispatched run has ended, or the orchestration reports that it may not have. */
function runsBroken(orchestration: Orchestration, world: World): string[] {
  const reportedAsUncertain = /may still be running|not known|is ambiguous|could not be read|cannot be read/u
  if (reportedAsUncertain.test(orchestration.ending?.reason ?? '')) return []
  return world.runs.flatMap((run) => {
    const shown = world.present(run)
    // The run of a lost dispatch is looked for only while builds run (lost-dispatch-laws.ts).
    if (run !== world.runs.findLast(({ repo }) => repo === run.repo)) return []
    const job = orchestration.plan.jobs.find(({ job: id }) => repoOf(orchestration, id) === run.repo)
    const state = job && orchestration.jobs.get(job.job)
    const isReported =
      state?.phase === 'settled' &&
      (reportedAsUncertain.test(state.reason) || ['lost', 'left-running'].includes(state.outcome))
    // The orchestration does not follow a re-run by hand that began after its last reading.
    const isByHand = run.byHand?.attempt === run.runAttempt
    const isUnread = isByHand && state?.phase === 'settled' && (state.runAttempt ?? 1) < run.runAttempt
    if (shown.status === 'completed' || run.cancelledAt !== null || isReported || isUnread) return []
    return [`the run in ${run.repo} may still be running, and the orchestration does not report it`]
  })
}

/** A job is fresh only by a true record, and a change is unlocked only by true successes on all heads that need one. */
function freshnessBroken({ plan, jobs }: Orchestration, world: World): string[] {
  const broken: string[] = []
  for (const { id, repo } of plan.graph.jobs) {
    const state = jobs.get(id)
    const isFresh = state?.phase === 'settled' && state.outcome === 'fresh'
    if (isFresh && world.earlier?.isFresh(repo) !== true) broken.push(`${id} was fresh without a true record`)
  }
  if (plan.isUnlocked !== true) return broken
  const members = plan.members.filter(({ repo }) => world.earlier?.isFresh(repo) !== true)
  const planned = plan.targets.filter(({ isJoined }) => isJoined !== true)
  const locked = planned.filter(({ repo }) => world.find(repo).isUnlocked !== true)
  if (members.length > 0 || locked.length > 0) broken.push('it was considered unlocked, but it was not')
  if (world.dispatches.length > 0) broken.push('it was unlocked, but something was dispatched')
  return broken
}

function repoOf({ plan }: Orchestration, id: string): string | undefined {
  return plan.graph.jobs.find((job) => job.id === id)?.repo
}

/** After a kill at any event, the journal yields the same state, and no job with a journaled dispatch is dispatched again. */
function foldBroken(events: readonly Event[], end: Orchestration): string[] {
  const [first, ...rest] = events
  if (first?.type !== 'started') return ['the journal does not begin with the start']
  let state = begin(first)
  const requested = new Set<string>()
  for (const event of rest) {
    state = apply(state, event)
    if (event.type === 'dispatch-requested') requested.add(`${event.job} ${event.attempt}`)
    if (requested.size === 0) continue
    const again = decide(state, event.at).filter(
      (action) => action.type === 'dispatch' && requested.has(`${action.job} ${action.attempt}`),
    )
    if (again.length > 0) return [`after ${event.type}, a resume would dispatch again`]
  }
  const isWhole = rest.at(-1)?.type === 'finished'
  if (!isWhole) return end.interrupted?.cause === 'journal' ? [] : ['the journal does not end with the end']
  return JSON.stringify(state.ending) === JSON.stringify(end.ending) ? [] : ['the journal has another ending']
}
