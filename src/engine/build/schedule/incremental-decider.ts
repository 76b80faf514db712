import TinyQueue from 'tinyqueue'
import type { Graph } from '../../../model/graph.js'
import type { JobState, Orchestration } from '../../../model/build/orchestration.js'
import { actionKey } from '../decide/actions.js'
import type { Action } from '../decide/actions.js'
import { freeSlots } from '../decide/decide.js'
import { decideJob } from '../decide/job.js'
import type { JobDecision } from '../decide/job.js'
import { decideDirectives } from '../decide/directives.js'
import { decideTarget } from '../decide/target.js'
import type { DueAction } from './due-list.js'
import { DueList } from './due-list.js'
import type { PlanIndex, PlanNode } from '../state/plan-index.js'
import { indexPlan } from '../state/plan-index.js'
import { DecisionClock } from '../decide/decision-clock.js'
import type { Directives } from '../decide/rules.js'
import { toAction } from '../decide/rules.js'
import { SlotAllocator } from './slot-allocator.js'
import { isSameFrame, isSameRule } from './same-rule.js'
import { prioritizeGlobal, prioritizePost, prioritizeStart, prioritizeJob } from '../decide/order.js'

/**
 * Names what `decide` names, but an event costs it only what the event touches: it keeps what each job and each head was last told to do, and
 * decides again, by the same functions, for those whose state changed, those that wait for them, and those whose time has come. All are
 * decided again when anything else changed that they may ask for.
 */
export class IncrementalDecider {
  private readonly plan: PlanIndex
  private readonly dueList = new DueList()
  private readonly slots: SlotAllocator
  /** By the place of the job: whether it is settled, how many of its needs are not, and what it wants to start. */
  private readonly isSettled: Uint8Array
  private readonly openNeeds: Int32Array
  private readonly decisions: JobDecision[] = []
  /** By rank: the place of the job. */
  private readonly ranked: Uint32Array
  /** When time alone may change what a job should do. */
  private readonly reviews = new TinyQueue<{ at: number; index: number }>([], (one, other) => one.at - other.at)
  private seen: Orchestration
  private seenAt = -Infinity
  private directives: Directives | null = null
  private directivesValidUntil = -Infinity

  constructor(graph: Graph, orchestration: Orchestration) {
    this.plan = indexPlan(graph, orchestration.plan)
    this.seen = orchestration
    const { nodes: spots } = this.plan
    this.slots = new SlotAllocator(spots.length)
    this.isSettled = new Uint8Array(spots.length)
    this.openNeeds = new Int32Array(spots.length)
    this.ranked = new Uint32Array(spots.length)
    for (const { rank, index, dependents } of spots) {
      this.ranked[rank] = index
      for (const dependent of dependents) this.openNeeds[dependent] = this.openNeedsOf(dependent) + 1
    }
    for (const spot of spots) this.noteSettled(spot)
  }

  /** Brings it up to an orchestration and a moment (ms, UTC). */
  update(orchestration: Orchestration, now: number): void {
    const before = this.seen
    if (this.directives && orchestration === before && now >= this.seenAt && now < this.validUntil()) {
      this.seenAt = now
      return
    }
    const isAnew = !this.directives || now < this.seenAt || !isSameFrame(before, orchestration)
    const outlookBefore = this.directives
    const moment = new DecisionClock(now)
    const outlook = decideDirectives(orchestration, moment)
    this.seen = orchestration
    this.seenAt = now
    this.directives = outlook
    this.directivesValidUntil = moment.validUntil
    const keepsJobs = !isAnew && outlookBefore !== null && isSameRule(outlookBefore.jobs, outlook.jobs)
    const keepsTargets = !isAnew && outlookBefore !== null && isSameRule(outlookBefore.targets, outlook.targets)
    this.updateJobs(orchestration.jobs.changedSince(before.jobs), keepsJobs)
    this.updateTargets(keepsTargets ? orchestration.posts.changedSince(before.posts) : null)
    const others = outlook.global.map((other, place) =>
      prioritizeGlobal({ ...other, ending: noEnding } as Action, place),
    )
    this.dueList.replace(ownerOfOthers, others)
  }

  /** What has come due and was not taken yet, in the order in which it begins. Each is given once, until it is released. */
  take(): Action[] {
    return this.dueList.take(this.seenAt).map((due) => this.actionOf(due))
  }

  /** What was taken under this key is over. */
  release(key: string): void {
    this.dueList.release(key)
  }

  /** When the next action comes due that was not taken, ms, UTC; Infinity: there is none. */
  nextAt(): number {
    return this.dueList.nextAt()
  }

  /** The action of this key, as it is to be done now; undefined: none is named. */
  pending(key: string): Action | undefined {
    const due = this.dueList.get(key)
    return due && this.actionOf(due)
  }

  /** All that is named, as `decide` names it. */
  allPending(): Action[] {
    return this.dueList.all().map((due) => ({ ...this.actionOf(due), at: Math.max(this.seenAt, due.at) }))
  }

  private updateJobs(changed: readonly number[] | null, keepsRule: boolean): void {
    const { nodes: spots } = this.plan
    const touched = new Set(changed ?? spots.keys())
    for (const index of [...touched]) for (const dependent of this.noteSettled(spots[index])) touched.add(dependent)
    for (const index of this.takeReviews()) touched.add(index)
    const decided = keepsRule ? touched : spots.keys()
    const rewritten = new Set<number>()
    for (const index of decided) {
      this.redecide(spots[index])
      rewritten.add(index)
    }
    for (const rank of this.slots.allocate(freeSlots(this.seen))) rewritten.add(this.ranked[rank] ?? 0)
    for (const index of rewritten) this.rewrite(spots[index])
  }

  /** Whether the job is settled, told to those that need it; returns the places of those to which it makes a difference. */
  private noteSettled(spot: PlanNode | undefined): number[] {
    if (!spot) return []
    const isSettled = isSettledJob(this.seen.jobs.at(spot.index)) ? 1 : 0
    const step = (this.isSettled[spot.index] ?? 0) - isSettled
    if (step === 0) return []
    this.isSettled[spot.index] = isSettled
    return spot.dependents.filter((dependent) => {
      const before = this.openNeedsOf(dependent)
      this.openNeeds[dependent] = before + step
      return before === 0 || before + step === 0
    })
  }

  private openNeedsOf(index: number): number {
    return this.openNeeds[index] ?? 0
  }

  private redecide(spot: PlanNode | undefined): void {
    if (!spot) return
    const moment = new DecisionClock(this.seenAt)
    const decision = this.decisionOf(spot, moment)
    this.decisions[spot.index] = decision
    this.slots.request(spot.rank, decision.start !== null)
    if (moment.validUntil < Infinity) this.reviews.push({ at: moment.validUntil, index: spot.index })
  }

  private decisionOf(spot: PlanNode, moment: DecisionClock): JobDecision {
    if (!this.directives) throw new Error('nothing was looked at yet')
    return decideJob(this.directives.jobs, spot, this.seen, this.openNeedsOf(spot.index) === 0, moment)
  }

  private rewrite(spot: PlanNode | undefined): void {
    const decision = spot && this.decisions[spot.index]
    if (!decision) return
    const start = decision.start && this.slots.hasSlot(spot.rank) ? [prioritizeStart(decision.start, spot)] : []
    this.dueList.replace(ownerOfJob(spot.index), [...prioritizeJob(decision, spot), ...start])
  }

  private takeReviews(): number[] {
    const due: number[] = []
    for (let next = this.reviews.peek(); next && next.at <= this.seenAt; next = this.reviews.peek()) {
      this.reviews.pop()
      due.push(next.index)
    }
    return due
  }

  private validUntil(): number {
    return Math.min(this.directivesValidUntil, this.reviews.peek()?.at ?? Infinity)
  }

  private updateTargets(changed: readonly number[] | null): void {
    for (const place of changed ?? this.seen.plan.targets.keys()) {
      const post = this.postOf(place)
      this.dueList.replace(ownerOfTarget(place), post ? [prioritizePost(post, place)] : [])
    }
  }

  private postOf(place: number): Action | null {
    const target = this.seen.plan.targets[place]
    if (!this.directives || !target) return null
    return decideTarget(this.directives.targets, target, this.seen.posts.at(place), this.seen, this.seenAt)
  }

  /** Decided once more: what an action says may have changed since, although its key and its time did not. */
  private actionOf({ key, owner }: DueAction): Action {
    const action = this.actionsOf(owner).find((candidate) => actionKey(candidate) === key)
    if (!action) throw new Error(`${key} is not to be done any more`)
    return action
  }

  private actionsOf(owner: number): readonly Action[] {
    if (owner === ownerOfOthers) return this.directives?.global.map(toAction) ?? []
    const index = owner >> 1
    if (owner === ownerOfTarget(index)) return [this.postOf(index) ?? []].flat()
    const spot = this.plan.nodes[index]
    if (!spot) return []
    const { actions, start } = this.decisionOf(spot, new DecisionClock(this.seenAt))
    return start ? [...actions, start] : actions
  }
}

const noEnding = { outcome: 'unknown', reason: '', auth: false }

const ownerOfOthers = -1
const ownerOfJob = (index: number): number => 2 * index
const ownerOfTarget = (place: number): number => 2 * place + 1

function isSettledJob(job: JobState | undefined): boolean {
  return job?.phase === 'settled'
}
