/** How many lines or pairs of lines tell of one fate before the rest is only counted. */
const maxAlike = 10

/** How a list is shortened. */
export interface Alike<T> {
  /** What an item shares with others; null: it is never left out. */
  fateOf: (item: T) => string | null
  linesOf: (item: T) => string[]
  /** The line for the `count` items of a fate that are left out. */
  moreOf: (count: number, item: T) => string
}

/** A list in its order, with at most ten entries of one fate: nine and then, at the end of the list, how many more there are. */
export function limitAlike<T>(items: readonly T[], { fateOf, linesOf, moreOf }: Alike<T>): string[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const fate = fateOf(item)
    if (fate === null) continue
    const group = groups.get(fate)
    if (group) group.push(item)
    else groups.set(fate, [item])
  }
  const long = [...groups.values()].filter(({ length }) => length > maxAlike)
  const left = new Set(long.flatMap((group) => group.slice(maxAlike - 1)))
  const more = long.flatMap(([first, ...others]) =>
    first === undefined ? [] : [moreOf(others.length + 1 - (maxAlike - 1), first)],
  )
  return [...items.filter((item) => !left.has(item)).flatMap(linesOf), ...more]
}
