import TinyQueue from 'tinyqueue'
import type { Ending, Orchestration } from '../../../model/build/orchestration.js'
import type { JobState } from '../../../model/build/state/job-state.js'
import type { DueAction, DueEntry } from '../../kernel/due-list.js'
import { DueList } from '../../kernel/due-list.js'
import type { Decider } from '../../kernel/process.js'
import type { Action } from '../decide/actions.js'
import { actionKey } from '../decide/actions.js'
import { freeSlots } from '../decide/decide.js'
import { DecisionClock } from '../decide/decision-clock.js'
import { decideDirectives } from '../decide/directives/directives.js'
import type { JobDecision } from '../decide/job/job.js'
import { decideJob } from '../decide/job/job.js'
import type { PrioritizedAction } from '../decide/order.js'
import { prioritizeGlobal, prioritizeJob, prioritizePost, prioritizeStart } from '../decide/order.js'
import type { Directives, GlobalAction } from '../decide/rules.js'
import { toAction } from '../decide/rules.js'
import { decideTarget } from '../decide/target.js'
import type { PlanIndex, PlanNode } from '../state/plan-index.js'
import { indexPlan } from '../state/plan-index.js'
import { isSameFrame, isSameRule } from './same-rule.js'
import { SlotAllocator } from './slot-allocator.js'

/**
 * Returns the same actions as `decide`, at a cost that depends only on the jobs and targets that an event touches. It keeps the last
 * decision of each job and target. It decides again, with the same functions, for those whose state changed, for their dependents, and for
 * those whose time has come. When other state changes that their decisions may read, all of them are decided again.
 */
export class IncrementalDecider implements Decider<Orchestration, Action> {
  private readonly plan: PlanIndex
  private readonly dueList = new DueList()
  private readonly slots: SlotAllocator
  /** By job index: 1 if the job is settled. */
  private readonly isSettled: Uint8Array
  /** By job index: the number of its needs that are not settled. */
  private readonly openNeeds: Int32Array
  private readonly decisions: JobDecision[] = []
  /** The job index by rank. */
  private readonly indexByRank: Uint32Array
  /** The times at which the decision of a job may change without an event. */
  private readonly reviews = new TinyQueue<{ at: number; index: number }>([], (one, other) => one.at - other.at)
  private orchestration: Orchestration
  private updatedAt = -Infinity
  private directives: Directives | null = null
  private directivesValidUntil = -Infinity

  constructor(orchestration: Orchestration) {
    this.plan = indexPlan(orchestration.plan)
    this.orchestration = orchestration
    const { nodes } = this.plan
    this.slots = new SlotAllocator(nodes.length)
    this.isSettled = new Uint8Array(nodes.length)
    this.openNeeds = new Int32Array(nodes.length)
    this.indexByRank = new Uint32Array(nodes.length)
    for (const { rank, index, dependents } of nodes) {
      this.indexByRank[rank] = index
      for (const dependent of dependents) this.openNeeds[dependent] = this.openNeedsOf(dependent) + 1
    }
    for (const node of nodes) this.noteSettled(node)
  }

  update(orchestration: Orchestration, now: number): void {
    const before = this.orchestration
    if (this.directives && orchestration === before && now >= this.updatedAt && now < this.validUntil()) {
      this.updatedAt = now
      return
    }
    const startsOver = !this.directives || now < this.updatedAt || !isSameFrame(before, orchestration)
    const directivesBefore = this.directives
    const clock = new DecisionClock(now)
    const directives = decideDirectives(orchestration, clock)
    this.orchestration = orchestration
    this.updatedAt = now
    this.directives = directives
    this.directivesValidUntil = clock.validUntil
    const kept = startsOver ? null : directivesBefore
    const keepsJobs = kept !== null && isSameRule(kept.jobs, directives.jobs)
    const keepsTargets = kept !== null && isSameRule(kept.targets, directives.targets)
    this.updateJobs(orchestration.jobs.changedSince(before.jobs), keepsJobs)
    this.updateTargets(keepsTargets ? orchestration.posts.changedSince(before.posts) : null)
    this.replace(
      ownerOfGlobal,
      directives.global.map((action, index) => prioritizeGlobal(withoutEnding(action), index)),
    )
  }

  take(): Action[] {
    return this.dueList.take(this.updatedAt).map((due) => this.actionOf(due))
  }

  release(key: string): void {
    this.dueList.release(key)
  }

  nextAt(): number {
    return this.dueList.nextAt()
  }

  pending(key: string): Action | undefined {
    const due = this.dueList.get(key)
    return due && this.actionOf(due)
  }

  /** Every pending action, as `decide` returns it. */
  allPending(): Action[] {
    return this.dueList.all().map((due) => {
      const action = this.actionOf(due)
      const at = Math.max(this.updatedAt, due.at)
      return action.at === at ? action : { ...action, at }
    })
  }

  private updateJobs(changed: readonly number[] | null, keepsRule: boolean): void {
    const { nodes } = this.plan
    const touched = new Set(changed ?? nodes.keys())
    for (const index of [...touched]) for (const dependent of this.noteSettled(nodes[index])) touched.add(dependent)
    for (const index of this.takeReviews()) touched.add(index)
    const decided = keepsRule ? touched : nodes.keys()
    const rewritten = new Set<number>()
    for (const index of decided) {
      this.redecide(nodes[index])
      rewritten.add(index)
    }
    for (const rank of this.slots.allocate(freeSlots(this.orchestration))) rewritten.add(this.indexByRank[rank] ?? 0)
    for (const index of rewritten) this.rewrite(nodes[index])
  }

  /** Records whether the job is settled; returns the indexes of the dependents that this unblocks or blocks. */
  private noteSettled(node: PlanNode | undefined): number[] {
    if (!node) return []
    const isSettled = isSettledJob(this.orchestration.jobs.at(node.index)) ? 1 : 0
    const step = (this.isSettled[node.index] ?? 0) - isSettled
    if (step === 0) return []
    this.isSettled[node.index] = isSettled
    return node.dependents.filter((dependent) => {
      const before = this.openNeedsOf(dependent)
      this.openNeeds[dependent] = before + step
      return before === 0 || before + step === 0
    })
  }

  private openNeedsOf(index: number): number {
    return this.openNeeds[index] ?? 0
  }

  private redecide(node: PlanNode | undefined): void {
    if (!node) return
    const clock = new DecisionClock(this.updatedAt)
    const decision = this.decisionOf(node, clock)
    this.decisions[node.index] = decision
    this.slots.request(node.rank, decision.start !== null)
    if (clock.validUntil < Infinity) this.reviews.push({ at: clock.validUntil, index: node.index })
  }

  private decisionOf(node: PlanNode, clock: DecisionClock): JobDecision {
    if (!this.directives) throw new Error('the decider was not updated yet')
    return decideJob(this.directives.jobs, node, this.orchestration, this.openNeedsOf(node.index) === 0, clock)
  }

  private rewrite(node: PlanNode | undefined): void {
    const decision = node && this.decisions[node.index]
    if (!decision) return
    const start = decision.start && this.slots.hasSlot(node.rank) ? [prioritizeStart(decision.start, node)] : []
    this.replace(ownerOfJob(node.index), [...prioritizeJob(decision, node), ...start])
  }

  private replace(owner: number, actions: readonly PrioritizedAction[]): void {
    this.dueList.replace(owner, actions.map(toDueAction))
  }

  private takeReviews(): number[] {
    const due: number[] = []
    for (let next = this.reviews.peek(); next && next.at <= this.updatedAt; next = this.reviews.peek()) {
      this.reviews.pop()
      due.push(next.index)
    }
    return due
  }

  private validUntil(): number {
    return Math.min(this.directivesValidUntil, this.reviews.peek()?.at ?? Infinity)
  }

  private updateTargets(changed: readonly number[] | null): void {
    for (const index of changed ?? this.orchestration.plan.targets.keys()) {
      const post = this.postOf(index)
      this.replace(ownerOfTarget(index), post ? [prioritizePost(post, index)] : [])
    }
  }

  private postOf(index: number): Action | null {
    const target = this.orchestration.plan.targets[index]
    if (!this.directives || !target) return null
    const posts = this.orchestration.posts.at(index)
    return decideTarget(this.directives.targets, target, posts, this.orchestration, this.updatedAt)
  }

  /** Decides again, because the fields of an action may have changed although its key and its time did not. */
  private actionOf({ key, owner }: DueEntry): Action {
    const action = this.actionsOf(owner).find((candidate) => actionKey(candidate) === key)
    if (!action) throw new Error(`${key} is not pending any more`)
    return action
  }

  private actionsOf(owner: number): readonly Action[] {
    if (owner === ownerOfGlobal) return this.directives?.global.map(toAction) ?? []
    const index = owner >> 1
    if (owner === ownerOfTarget(index)) return [this.postOf(index) ?? []].flat()
    const node = this.plan.nodes[index]
    if (!node) return []
    const { actions, start } = this.decisionOf(node, new DecisionClock(this.updatedAt))
    return start ? [...actions, start] : actions
  }
}

const noEnding: Ending = { outcome: 'unknown', reason: '', auth: false }

/** Leaves the ending out, because the due list needs only key and time and computing an ending may visit all jobs. */
function withoutEnding(action: GlobalAction): Action {
  return action.type === 'finish' ? { ...action, ending: noEnding } : action
}

function toDueAction({ action, priority, index }: PrioritizedAction): DueAction {
  return { key: actionKey(action), at: action.at, priority, index }
}

const ownerOfGlobal = -1
const ownerOfJob = (index: number): number => 2 * index
const ownerOfTarget = (index: number): number => 2 * index + 1

function isSettledJob(job: JobState | undefined): boolean {
  return job?.phase === 'settled'
}
