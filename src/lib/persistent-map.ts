const bits = 4
const width = 1 << bits

/** The values of a leaf, or the children of an inner node. Never changed once it is part of a map. */
type Node = readonly unknown[]

/** The keys of a map, shared by all its versions. */
interface Keys {
  readonly list: readonly string[]
  readonly at: ReadonlyMap<string, number>
  /** Number of levels of inner nodes above the leaves. */
  readonly height: number
}

/**
 * An immutable map with a fixed set of keys. A change returns a new version that shares all but one path of nodes with the previous one:
 * it costs O(log n), and so does finding the difference of two versions. A key without a value is not part of the map.
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
    if (at.size < keys.length) throw new Error('the keys of a map must be unique')
    return new PersistentMap({ list: keys, at, height }, nodes[0] ?? [], size)
  }

  get(key: string): V | undefined {
    const index = this.keyed.at.get(key)
    return index === undefined ? undefined : this.at(index)
  }

  /** The value of the nth key, in the order of construction. */
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

  /** The map with another value; the same object if nothing changes. Throws for an unknown key. */
  with(key: string, value: V): PersistentMap<V> {
    const index = this.keyed.at.get(key)
    if (index === undefined) throw new Error(`${key} is not a key of the map`)
    const before = this.at(index)
    if (before === value) return this
    const root = replaced(this.root, this.keyed.height, index, value)
    return new PersistentMap(this.keyed, root, before === undefined ? this.size + 1 : this.size)
  }

  /** The map with each value replaced; the same object if nothing changes. */
  map(change: (value: V, key: string) => V): PersistentMap<V> {
    return [...this].reduce<PersistentMap<V>>((map, [key, value]) => map.with(key, change(value, key)), this)
  }

  /** The indexes of the keys whose values differ from `before`; null: that map has other keys. */
  changedSince(before: PersistentMap<V>): number[] | null {
    if (before.keyed !== this.keyed) return null
    const changed: number[] = []
    compare(before.root, this.root, this.keyed.height, 0, changed)
    return changed
  }

  /** Aggregates the values; a node that was aggregated before is not visited again. */
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

/** How values are aggregated: a sum starts empty, counts values in key order, and adds the sums of later nodes. */
export interface TallyRules<V, S> {
  empty: () => S
  /** `value` is undefined for a key without a value. `index`: of the key. */
  count: (sum: S, value: V | undefined, index: number) => void
  add: (sum: S, part: S) => void
}

/** Sums over the versions of a map, cached per node: after a change only one path is aggregated again. */
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

/** No two leaves are the same array: a cached sum may depend on the position of its node. */
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
