import type { Measured } from './measured.js'
import type { RowId } from './table.js'

/** What is measured in one go. */
export interface Experiment {
  /** The rows that it measures. */
  rows: readonly RowId[]
  measure: () => Promise<Measured[]>
}
