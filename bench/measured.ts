import { allRows } from './table.js'
import type { Row, RowId } from './table.js'

/** Figures of several runs, in the unit of the row. */
export interface Spread {
  runs: number
  min: number
  median: number
  mean: number
  max: number
}

export interface Measured {
  id: RowId
  /** Null: it cannot be measured, and `notes` say why. */
  spread: Spread | null
  /** What a reader needs beside the figure, such as the requests by kind. */
  notes: readonly string[]
}

export interface Judged extends Measured {
  row: Row
  /** Null: there is no bound, or nothing was measured. */
  isHeld: boolean | null
}

/** Throws without a sample: a row without one has not been measured. */
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

/** Whether each figure keeps its bound; a row with a bound that was not measured misses it. */
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

/** As it is shown: two decimals, so that what reads like the bound is the bound. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
