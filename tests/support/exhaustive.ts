/** Whether all of it is tried, as in the nightly run (`ORCH_EXHAUSTIVE=true`); otherwise what every run has the time for. */
export const isExhaustive = process.env['ORCH_EXHAUSTIVE'] === 'true'

/** vitest.config.ts sets it to the week. */
const draw = Number(process.env['ORCH_DRAW'])

/** Whether this position of a list is in the one of `parts` equal parts that is tried this week. In the nightly run each is. */
export function isDrawn(position: number, parts: number): boolean {
  return isExhaustive || (position + draw) % parts === 0
}

/** The part of a list that is tried this week, and those that are tried in each run. */
export function weeklyPart<T>(
  all: readonly T[],
  parts: number,
  isAlwaysTried: (each: T) => boolean = () => false,
): T[] {
  return all.filter((each, position) => isAlwaysTried(each) || isDrawn(position, parts))
}

/** For the name of a test that tries a part, so that a failure can be repeated in another week. */
export const drawName = isExhaustive ? 'all of them' : `ORCH_DRAW=${draw}`
