import { actionKey } from '../decide/actions.js'
import { Heap } from '../../../lib/heap.js'
import { byTurn } from '../decide/order.js'
import type { Turn } from '../decide/order.js'

/** One action that is named, as far as the list must know it. Never changed: one that changes is another. */
export interface Due {
  key: string
  /** ms, UTC: not before then. */
  at: number
  turn: number
  place: number
  /** Whose action it is: who names it. */
  owner: number
}

/** Every action that is named, by its key, and in the order in which they come due. What was taken is not given again until it is released. */
export class DueList {
  private readonly named = new Map<string, Due>()
  private readonly keysOf = new Map<number, readonly string[]>()
  private readonly taken = new Set<string>()
  /** Holds also what is not named any more: it is dropped when it comes up. */
  private readonly upcoming = new Heap<Due>((one, other) => one.at < other.at)

  get(key: string): Due | undefined {
    return this.named.get(key)
  }

  /** All, in the order of their turns. */
  all(): Due[] {
    return [...this.named.values()].sort(byTurn)
  }

  /** These actions of an owner, in the place of those it had. */
  replace(owner: number, turns: readonly Turn[]): void {
    const before = this.keysOf.get(owner)
    if (before === undefined && turns.length === 0) return
    const keys = turns.map(({ action }) => actionKey(action))
    for (const key of before ?? []) if (!keys.includes(key)) this.named.delete(key)
    turns.forEach(({ action: { at }, turn, place }, index) =>
      this.put({ key: keys[index] ?? '', at, turn, place, owner }),
    )
    if (keys.length > 0) this.keysOf.set(owner, keys)
    else this.keysOf.delete(owner)
  }

  /** What has come due and was not taken, in the order in which it begins. */
  take(now: number): Due[] {
    const due: Due[] = []
    for (let next = this.next(); next && next.at <= now; next = this.next()) {
      this.upcoming.pop()
      this.taken.add(next.key)
      due.push(next)
    }
    return due.sort(byTurn)
  }

  /** What was taken under this key is over: if it is still named, or named again, it may be taken again. */
  release(key: string): void {
    if (!this.taken.delete(key)) return
    const due = this.named.get(key)
    if (due) this.upcoming.push(due)
  }

  /** When the next action that is not taken comes due, ms, UTC; Infinity: there is none. */
  nextAt(): number {
    return this.next()?.at ?? Infinity
  }

  private put(due: Due): void {
    const known = this.named.get(due.key)
    const isSame = known?.at === due.at && known.turn === due.turn && known.place === due.place
    if (isSame && known.owner === due.owner) return
    this.named.set(due.key, due)
    if (this.taken.has(due.key)) return
    this.upcoming.push(due)
    if (this.upcoming.size > 2 * this.named.size + 64) this.sweep()
  }

  private next(): Due | undefined {
    for (let top = this.upcoming.top(); top; top = this.upcoming.top()) {
      if (this.named.get(top.key) === top && !this.taken.has(top.key)) return top
      this.upcoming.pop()
    }
    return undefined
  }

  /** Drops what is not named any more, so that the list takes no more room than what it names. */
  private sweep(): void {
    this.upcoming.clear()
    for (const due of this.named.values()) if (!this.taken.has(due.key)) this.upcoming.push(due)
  }
}
