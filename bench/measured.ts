import { allRows } from './table.js'
import type { Row, RowId } from './table.js'

/** Statistics over several runs, in the unit of the row. */
export interface Spread {
  runs: number
  min: number
  median: number
  mean: number
  max: number
}

export interface Measured {
  id: RowId
  /** Null if the figure cannot be measured; `notes` then say why. */
  spread: Spread | null
  /** Details for the reader, such as the requests by kind. */
  notes: readonly string[]
}

export interface Judged extends Measured {
  row: Row
  /** Null if there is no bound, or no measurement. */
  isHeld: boolean | null
}

/** Computes the statistics of samples. Throws if there is none, because the row was then not measured. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (index: number): number => {
    const sample = sorted[index]
    if (sample === undefined) throw new Error('no run was measured')
    return sample
  }
  const middle = (sorted.length - 1) / 2
  return {
    runs: sorted.length,
    min: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    mean: sorted.reduce((sum, sample) => sum + sample, 0) / sorted.length,
    max: at(sorted.length - 1),
  }
}

export function measured(id: RowId, samples: readonly number[], notes: readonly string[] = []): Measured {
  return { id, spread: spreadOf(samples), notes }
}

export function notMeasured(id: RowId, reason: string): Measured {
  return { id, spread: null, notes: [reason] }
}

/** Compares each figure with its bound. A row that has a bound but was not measured misses it. */
export function judge(all: readonly Measured[]): Judged[] {
  return allRows.flatMap((row) =>
    all
      .filter(({ id }) => id === row.id)
      .map((each) => ({ ...each, row, isHeld: row.bound === null ? null : isWithin(row, each.spread) })),
  )
}

function isWithin(row: Row, spread: Spread | null): boolean {
  return spread !== null && row.bound !== null && rounded(spread[row.by]) <= row.bound
}

/** Rounds to the two decimals that are shown, so that a figure that reads like the bound also meets it. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
