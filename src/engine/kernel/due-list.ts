import TinyQueue from 'tinyqueue'

/** Among actions that are due at the same time, lower priorities start first, then lower indexes. */
export interface Priority {
  priority: number
  index: number
}

/** One pending action, reduced to the fields that the list needs. */
export interface DueAction extends Priority {
  key: string
  /** The earliest start, ms, UTC. */
  at: number
}

/** An action in the list, with its owner. Immutable, because the list compares entries by identity. */
export type DueEntry = Readonly<DueAction> & { readonly owner: number }

export function byPriority(one: Priority, other: Priority): number {
  return one.priority - other.priority || one.index - other.index
}

/** Every pending action, by its key and in the order in which they come due. A taken action is not returned again until it is released. */
export class DueList {
  private readonly pending = new Map<string, DueEntry>()
  private readonly keysOf = new Map<number, readonly string[]>()
  private readonly taken = new Set<string>()
  /** May hold entries that are no longer pending: they are dropped when they reach the top. */
  private upcoming = soonestFirst([])

  get(key: string): DueEntry | undefined {
    return this.pending.get(key)
  }

  /** All pending actions, in the order in which they start. */
  all(): DueEntry[] {
    return [...this.pending.values()].sort(byPriority)
  }

  /** Replaces all actions of an owner. */
  replace(owner: number, actions: readonly DueAction[]): void {
    const before = this.keysOf.get(owner)
    if (before === undefined && actions.length === 0) return
    const keys = actions.map(({ key }) => key)
    for (const key of before ?? []) if (!keys.includes(key)) this.pending.delete(key)
    for (const { key, at, priority, index } of actions) this.put({ key, at, priority, index, owner })
    if (keys.length > 0) this.keysOf.set(owner, keys)
    else this.keysOf.delete(owner)
  }

  /** The actions that have come due and were not taken, in the order in which they start. */
  take(now: number): DueEntry[] {
    const due: DueEntry[] = []
    for (let next = this.next(); next && next.at <= now; next = this.next()) {
      this.upcoming.pop()
      this.taken.add(next.key)
      due.push(next)
    }
    return due.sort(byPriority)
  }

  /** Marks the action of this key as ended. If the key is still pending, or pending again, it can be taken again. */
  release(key: string): void {
    if (!this.taken.delete(key)) return
    const due = this.pending.get(key)
    if (due) this.upcoming.push(due)
  }

  /** The time at which the next action that is not taken comes due, ms, UTC; Infinity if there is none. */
  nextAt(): number {
    return this.next()?.at ?? Infinity
  }

  private put(due: DueEntry): void {
    const known = this.pending.get(due.key)
    const isSame = known?.at === due.at && known.priority === due.priority && known.index === due.index
    if (isSame && known.owner === due.owner) return
    this.pending.set(due.key, due)
    if (this.taken.has(due.key)) return
    this.upcoming.push(due)
    if (this.upcoming.length > 2 * this.pending.size + 64) this.sweep()
  }

  private next(): DueEntry | undefined {
    for (let top = this.upcoming.peek(); top; top = this.upcoming.peek()) {
      if (this.pending.get(top.key) === top && !this.taken.has(top.key)) return top
      this.upcoming.pop()
    }
    return undefined
  }

  /** Drops entries that are no longer pending, so that the pending actions bound the memory of the list. */
  private sweep(): void {
    this.upcoming = soonestFirst([...this.pending.values()].filter(({ key }) => !this.taken.has(key)))
  }
}

function soonestFirst(entries: DueEntry[]): TinyQueue<DueEntry> {
  return new TinyQueue(entries, (one, other) => one.at - other.at)
}
