import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import type { SourceMapPayload } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A position in a file, by its path or as a `file:` URL: `(/folder/file.js:12:34)`, or without parentheses at the end of a line. */
const place = /(?<scheme>file:\/\/)?(?<file>\/[^\s()]+\.js):(?<line>\d+):(?<column>\d+)(?=\)?$)/gmu

/** Replaces positions in the bundle by positions in the sources, read from the maps beside it. A position without a map stays unchanged. */
export function mapStackTrace(stack: string): string {
  const maps = new Map<string, SourceMap | null>()
  const mapOf = (file: string): SourceMap | null => {
    const map = maps.get(file) ?? readMap(`${file}.map`)
    maps.set(file, map)
    return map
  }
  return stack.replaceAll(
    place,
    (found: string, scheme: string | undefined, path: string, line: string, column: string) => {
      const file = scheme === undefined ? path : fileURLToPath(scheme + path)
      const entry = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1)
      if (!entry || !('originalSource' in entry)) return found
      // The path starts at the repository's root, independent of where the command is installed.
      return `${entry.originalSource.replace(/^(?:\.\.\/)+/u, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
    },
  )
}

/** Returns null where there is no readable map: the stack trace is worth printing without it. */
function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as SourceMapPayload)
  } catch {
    return null
  }
}
