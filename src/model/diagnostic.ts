/** A mistake in the graph file, with its place. */
export interface Diagnostic {
  severity: 'error' | 'warning'
  /** What is wrong, one sentence without a final full stop. May quote text of the file. */
  message: string
  /** What would be right ("did you mean repoB?"). */
  hint?: string
  /** From 1. */
  line: number
  /** From 1, in characters (code points). */
  column: number
  /** Characters to underline, at least 1, on this line. */
  length: number
}

/** Nobody mends more at once; the rest is counted. Hints that cost a search are left out of the diagnostics after these. */
export const maxPrintedDiagnostics = 50
