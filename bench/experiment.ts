import type { Measured } from './measured.js'
import type { RowId } from './table.js'

/** A measurement that yields one or more rows. */
export interface Experiment {
  /** The rows that the experiment measures. */
  rows: readonly RowId[]
  measure: () => Promise<Measured[]>
}
