import { drawName, isDrawn, isExhaustive, weeklyPart } from '../exhaustive.js'

/** Another part of the points each week. */
const parts = 6

/** All points of a change take seconds; a busy machine may need several times as long. */
export const testTimeoutMs = isExhaustive ? 1_800_000 : 240_000

/** Named in each test that tries a sample, so that a failure can be repeated in another week. */
export const sampleName = isExhaustive ? drawName : `a sixth of them, ${drawName}`

/** The drawn ones, and those that are tried each time. */
export function sampleOf<T>(all: readonly T[], isAlwaysTried?: (each: T) => boolean): T[] {
  return weeklyPart(all, parts, isAlwaysTried)
}

/** The drawn pairs of the two lists: a sixth of them, in which the members of both lists take turns. */
export function samplePairs<A, B>(first: readonly A[], second: readonly B[]): [A, B][] {
  return first.flatMap((a, row) =>
    second.filter((_, column) => isDrawn(row + column, parts)).map((b): [A, B] => [a, b]),
  )
}
