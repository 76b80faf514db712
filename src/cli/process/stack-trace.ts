import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import type { SourceMapPayload } from 'node:module'

/** A position in a file: `(/folder/file.js:12:34)`, or the same without parentheses at the end of a line. */
const position = /(?<file>\/[^\s()]+\.js):(?<line>\d+):(?<column>\d+)(?=\)?$)/gmu

/** A stack trace with the positions in the bundle replaced by those in the sources. A position without a source map is kept. */
export function mapStackTrace(stack: string): string {
  const maps = new Map<string, SourceMap | null>()
  const mapOf = (file: string): SourceMap | null => {
    const map = maps.get(file) ?? readMap(`${file}.map`)
    maps.set(file, map)
    return map
  }
  return stack.replaceAll(position, (found: string, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (!entry || !('originalSource' in entry)) return found
    // Relative to the repository, wherever the command is installed.
    return `${entry.originalSource.replace(/^(?:\.\.\/)+/u, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
}

/** Null: there is no readable source map. The trace is useful without it. */
function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload)
  } catch {
    return null
  }
}
