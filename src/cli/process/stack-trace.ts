import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import type { SourceMapPayload } from 'node:module'

/** A place in a file: `(/folder/file.js:12:34)`, or the same without brackets at the end of a line. */
const place = /(?<file>\/[^\s()]+\.js):(?<line>\d+):(?<column>\d+)(?=\)?$)/gmu

/** A stack trace with the places of the sources for those of the bundle, by the maps beside it; a place without a map stays as it is. */
export function mapStackTrace(stack: string): string {
  const maps = new Map<string, SourceMap | null>()
  const mapOf = (file: string): SourceMap | null => {
    const map = maps.get(file) ?? readMap(`${file}.map`)
    maps.set(file, map)
    return map
  }
  return stack.replaceAll(place, (found: string, file: string, line: string, column: string) => {
    const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (!entry || !('originalSource' in entry)) return found
    // Below the repository, wherever the command is installed.
    return `${entry.originalSource.replace(/^(?:\.\.\/)+/u, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })
}

/** Null: there is none, or none that can be read; the trace is worth telling without it. */
function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload)
  } catch {
    return null
  }
}
