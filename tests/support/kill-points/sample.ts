import { isExhaustive } from '../exhaustive.js'

// Unless everything is tried, a third of it is, another third each week.

/** All points of a change take seconds; a busy machine may need several times as long. */
export const testTimeoutMs = isExhaustive ? 1_800_000 : 240_000

/** Named in each test that tries a sample, so that a failure can be repeated in another week. */
export const sampleName = isExhaustive ? 'all of them' : `a third of them, ORCH_DRAW=${process.env['ORCH_DRAW']}`

const parts = 3
const draw = Number(process.env['ORCH_DRAW'])

function isDrawn(position: number): boolean {
  return isExhaustive || (position + draw) % parts === 0
}

/** The drawn ones, and those that are tried each time. */
export function sampleOf<T>(all: readonly T[], isAlwaysTried: (each: T) => boolean = () => false): T[] {
  return all.filter((each, position) => isAlwaysTried(each) || isDrawn(position))
}

/** The drawn pairs: each of the first list meets a third of the second one, and each of the second a third of the first. */
export function samplePairs<A, B>(first: readonly A[], second: readonly B[]): [A, B][] {
  return first.flatMap((a, row) => second.filter((_, column) => isDrawn(row + column)).map((b): [A, B] => [a, b]))
}
