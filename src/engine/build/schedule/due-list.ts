import TinyQueue from 'tinyqueue'
import { actionKey } from '../decide/actions.js'
import { byPriority } from '../decide/order.js'
import type { PrioritizedAction } from '../decide/order.js'

/** One action that is named, as far as the list must know it. Never changed: one that changes is another. */
export interface DueAction {
  key: string
  /** ms, UTC: not before then. */
  at: number
  priority: number
  index: number
  /** Whose action it is: who names it. */
  owner: number
}

/** Every action that is named, by its key, and in the order in which they come due. What was taken is not given again until it is released. */
export class DueList {
  private readonly pending = new Map<string, DueAction>()
  private readonly keysOf = new Map<number, readonly string[]>()
  private readonly taken = new Set<string>()
  /** Holds also what is not named any more: it is dropped when it comes up. */
  private upcoming = soonestFirst([])

  get(key: string): DueAction | undefined {
    return this.pending.get(key)
  }

  /** All, in the order of their turns. */
  all(): DueAction[] {
    return [...this.pending.values()].sort(byPriority)
  }

  /** These actions of an owner, in the place of those it had. */
  replace(owner: number, turns: readonly PrioritizedAction[]): void {
    const before = this.keysOf.get(owner)
    if (before === undefined && turns.length === 0) return
    const keys = turns.map(({ action }) => actionKey(action))
    for (const key of before ?? []) if (!keys.includes(key)) this.pending.delete(key)
    turns.forEach(({ action: { at }, priority: turn, index: place }, index) =>
      this.put({ key: keys[index] ?? '', at, priority: turn, index: place, owner }),
    )
    if (keys.length > 0) this.keysOf.set(owner, keys)
    else this.keysOf.delete(owner)
  }

  /** What has come due and was not taken, in the order in which it begins. */
  take(now: number): DueAction[] {
    const due: DueAction[] = []
    for (let next = this.next(); next && next.at <= now; next = this.next()) {
      this.upcoming.pop()
      this.taken.add(next.key)
      due.push(next)
    }
    return due.sort(byPriority)
  }

  /** What was taken under this key is over: if it is still named, or named again, it may be taken again. */
  release(key: string): void {
    if (!this.taken.delete(key)) return
    const due = this.pending.get(key)
    if (due) this.upcoming.push(due)
  }

  /** When the next action that is not taken comes due, ms, UTC; Infinity: there is none. */
  nextAt(): number {
    return this.next()?.at ?? Infinity
  }

  private put(due: DueAction): void {
    const known = this.pending.get(due.key)
    const isSame = known?.at === due.at && known.priority === due.priority && known.index === due.index
    if (isSame && known.owner === due.owner) return
    this.pending.set(due.key, due)
    if (this.taken.has(due.key)) return
    this.upcoming.push(due)
    if (this.upcoming.length > 2 * this.pending.size + 64) this.sweep()
  }

  private next(): DueAction | undefined {
    for (let top = this.upcoming.peek(); top; top = this.upcoming.peek()) {
      if (this.pending.get(top.key) === top && !this.taken.has(top.key)) return top
      this.upcoming.pop()
    }
    return undefined
  }

  /** Drops what is not named any more, so that the list takes no more room than what it names. */
  private sweep(): void {
    this.upcoming = soonestFirst([...this.pending.values()].filter(({ key }) => !this.taken.has(key)))
  }
}

function soonestFirst(actions: DueAction[]): TinyQueue<DueAction> {
  return new TinyQueue(actions, (one, other) => one.at - other.at)
}
