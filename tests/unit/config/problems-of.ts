import { parseGraphFile } from '../../../src/config/graph-file.js'

/** The problems of a graph file, one text each: `line:column+length message | hint`. A warning says so. */
export function problemsOf(text: string): string[] {
  const result = parseGraphFile(text)
  return (result.ok ? result.warnings : result.diagnostics).map(({ line, column, length, severity, message, hint }) => {
    const what = severity === 'warning' ? `warning: ${message}` : message
    return `${line}:${column}+${length} ${what}${hint === undefined ? '' : ` | ${hint}`}`
  })
}

/** A graph file with the given lines in its first four, and the given jobs from line 5 on. */
export function fileOf(jobs: string, setting = ''): string {
  return `version: 1\nowner: acme\nbranches: DPTA-*\n${setting === '' ? 'fail-fast: true' : setting}\njobs:\n${jobs}\n`
}
