const bits = 4
const width = 1 << bits

/** Values of a leaf, or the nodes below an inner one. Never changed once it is part of a map. */
type Node = readonly unknown[]

/** What all versions of a map share: their keys never change. */
interface Keys {
  readonly list: readonly string[]
  readonly at: ReadonlyMap<string, number>
  /** Levels of inner nodes above the leaves. */
  readonly height: number
}

/**
 * A map with a fixed set of keys. A change makes a new version that shares all but a path of nodes with the one before, so that it costs
 * the same however large the map is, and two versions tell quickly where they differ. A key without a value is not part of it.
 */
export class PersistentMap<V> implements ReadonlyMap<string, V> {
  readonly size: number
  private readonly keyed: Keys
  private readonly root: Node

  private constructor(keyed: Keys, root: Node, size: number) {
    this.keyed = keyed
    this.root = root
    this.size = size
  }

  /** @param valueOf undefined: the key has no value yet */
  static of<V>(keys: readonly string[], valueOf: (key: string, index: number) => V | undefined): PersistentMap<V> {
    const values = keys.map(valueOf)
    const size = values.filter((value) => value !== undefined).length
    let nodes = groups(values)
    let height = 0
    for (; nodes.length > 1; height += 1) nodes = groups(nodes)
    const at = new Map(keys.map((key, index) => [key, index]))
    if (at.size < keys.length) throw new Error('a key stands twice in a map')
    return new PersistentMap({ list: keys, at, height }, nodes[0] ?? [], size)
  }

  get(key: string): V | undefined {
    const index = this.keyed.at.get(key)
    return index === undefined ? undefined : this.at(index)
  }

  /** The value of the nth key, in the order in which the keys were given. */
  at(index: number): V | undefined {
    let node = this.root
    for (let level = this.keyed.height; level > 0; level -= 1) {
      node = (node[(index >> (level * bits)) & (width - 1)] ?? []) as Node
    }
    return node[index & (width - 1)] as V | undefined
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** The same map with another value; the very same one where nothing changes. Throws for a key that is none of its keys. */
  with(key: string, value: V): PersistentMap<V> {
    const index = this.keyed.at.get(key)
    if (index === undefined) throw new Error(`no key ${key}`)
    const before = this.at(index)
    if (before === value) return this
    const root = replaced(this.root, this.keyed.height, index, value)
    return new PersistentMap(this.keyed, root, before === undefined ? this.size + 1 : this.size)
  }

  /** Each value changed; the very same map where none is. */
  map(change: (value: V, key: string) => V): PersistentMap<V> {
    return [...this].reduce<PersistentMap<V>>((map, [key, value]) => map.with(key, change(value, key)), this)
  }

  /** The places of the keys whose values are others than in `before`; null: that map has other keys, so that this cannot be told. */
  changedSince(before: PersistentMap<V>): number[] | null {
    if (before.keyed !== this.keyed) return null
    const changed: number[] = []
    compare(before.root, this.root, this.keyed.height, 0, changed)
    return changed
  }

  /** Counts what the map holds; what was counted for a node before is not counted again. */
  tally<S>(tally: Tally<V, S>): S {
    return tally.sumOf(this.root, this.keyed.height, 0)
  }

  *entries(): MapIterator<[string, V]> {
    const { list } = this.keyed
    for (let index = 0; index < list.length; index += 1) {
      const value = this.at(index)
      if (value !== undefined) yield [list[index] ?? '', value]
    }
  }

  *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries()
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this)
  }
}

/** How a map is counted: a sum begins empty, takes values one after the other, and other sums that stand behind it. */
export interface TallyRules<V, S> {
  empty: () => S
  /** `value` is undefined for a key without one. `index`: the place of its key. */
  count: (sum: S, value: V | undefined, index: number) => void
  add: (sum: S, part: S) => void
}

/** Sums over the versions of one map, kept for each of their nodes: after a change only one path is counted anew. */
export class Tally<V, S> {
  private readonly rules: TallyRules<V, S>
  private readonly sums = new WeakMap<Node, S>()

  constructor(rules: TallyRules<V, S>) {
    this.rules = rules
  }

  /** For `PersistentMap.tally` only. */
  sumOf(node: Node, level: number, from: number): S {
    const known = this.sums.get(node)
    if (known !== undefined) return known
    const sum = this.rules.empty()
    node.forEach((child, slot) => {
      const index = from + (slot << (level * bits))
      if (level === 0) this.rules.count(sum, child as V | undefined, index)
      else this.rules.add(sum, this.sumOf(child as Node, level - 1, index))
    })
    this.sums.set(node, sum)
    return sum
  }
}

/** No two leaves are the same array, for a sum may depend on where a node stands. */
function groups(items: readonly unknown[]): Node[] {
  const result: Node[] = []
  for (let from = 0; from < items.length; from += width) result.push(items.slice(from, from + width))
  return result
}

function replaced(node: Node, level: number, index: number, value: unknown): Node {
  const copy = [...node]
  const slot = (index >> (level * bits)) & (width - 1)
  copy[slot] = level === 0 ? value : replaced(copy[slot] as Node, level - 1, index, value)
  return copy
}

function compare(one: Node, other: Node, level: number, from: number, changed: number[]): void {
  if (one === other) return
  for (let slot = 0; slot < one.length; slot += 1) {
    const index = from + (slot << (level * bits))
    if (level > 0) compare(one[slot] as Node, other[slot] as Node, level - 1, index, changed)
    else if (one[slot] !== other[slot]) changed.push(index)
  }
}
