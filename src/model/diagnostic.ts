/** A problem in the graph file, with its place. */
export interface Diagnostic {
  severity: 'error' | 'warning'
  /** What is wrong, one sentence without a final full stop. May quote text of the file. */
  message: string
  /** How to fix it ("did you mean repoB?"). */
  hint?: string
  /** From 1. */
  line: number
  /** From 1, in characters (code points). */
  column: number
  /** Characters to underline, at least 1, on this line. */
  length: number
}

/** More are only counted, not printed. Diagnostics after these have no hints that need a search. */
export const maxPrintedDiagnostics = 50
