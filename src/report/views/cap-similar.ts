/** How many similar entries a list shows. */
const maxSimilar = 10

/** How a list is shortened. */
export interface SimilarItems<T> {
  /** Items with the same key are similar; null: the item is never omitted. */
  keyOf: (item: T) => string | null
  linesOf: (item: T) => string[]
  /** The line for `count` omitted items that are similar to `item`. */
  omittedLine: (count: number, item: T) => string
}

/** A list in its order with at most ten similar entries: nine items, and at the end of the list how many more there are. */
export function capSimilar<T>(items: readonly T[], { keyOf, linesOf, omittedLine }: SimilarItems<T>): string[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === null) continue
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  const long = [...groups.values()].filter(({ length }) => length > maxSimilar)
  const omitted = new Set(long.flatMap((group) => group.slice(maxSimilar - 1)))
  const more = long.flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [omittedLine(group.length - (maxSimilar - 1), first)]
  })
  return [...items.filter((item) => !omitted.has(item)).flatMap(linesOf), ...more]
}
