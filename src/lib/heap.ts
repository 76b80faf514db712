/** A binary heap: whatever comes before all others is on top. */
export class Heap<T> {
  private items: T[] = []
  private readonly comesBefore: (one: T, other: T) => boolean

  constructor(comesBefore: (one: T, other: T) => boolean) {
    this.comesBefore = comesBefore
  }

  get size(): number {
    return this.items.length
  }

  top(): T | undefined {
    return this.items[0]
  }

  push(item: T): void {
    const { items } = this
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = items[above] as T
      if (!this.comesBefore(item, parent)) break
      items[at] = parent
      at = above
    }
    items[at] = item
  }

  pop(): T | undefined {
    const { items } = this
    const first = items[0]
    const last = items.pop()
    if (items.length > 0) this.sink(last as T)
    return first
  }

  clear(): void {
    this.items = []
  }

  /** Puts an item in the place of the top, then as far down as it belongs. */
  private sink(item: T): void {
    const { items } = this
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= items.length) break
      if (below + 1 < items.length && this.comesBefore(items[below + 1] as T, items[below] as T)) below += 1
      const child = items[below] as T
      if (!this.comesBefore(child, item)) break
      items[at] = child
      at = below
    }
    items[at] = item
  }
}
