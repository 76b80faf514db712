import type { Measured } from './measured.js'
import type { RowId } from './table.js'

/** What the caller of the benchmark chooses. */
export interface MeasureOptions {
  /** How long webhooks are sent at a fixed rate, s. */
  loadSeconds: number
}

/** A measurement that yields one or more rows. */
export interface Experiment {
  /** The rows that the experiment measures. */
  rows: readonly RowId[]
  measure: (options: MeasureOptions) => Promise<Measured[]>
}
