import { parse, printParseErrorCode } from 'jsonc-parser'
import type { ParseError } from 'jsonc-parser'

export type ParsedJson = { ok: true; value: unknown } | { ok: false; problem: string }

/** Reads JSON text. `problem` is a clause with the line and column, both from 1, which `JSON.parse` does not always have. */
export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, problem: problemIn(text) }
  }
}

function problemIn(text: string): string {
  if (text.trim() === '') return 'it is empty'
  const errors: ParseError[] = []
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false })
  } catch (error) {
    if (error instanceof RangeError) return 'it is nested too deep'
    throw error
  }
  const [first] = errors
  // Each text that JSON.parse refuses is refused there too, except for what only its numbers and control characters differ in.
  if (!first) return 'it is not valid JSON'
  const before = text.slice(0, first.offset).split('\n')
  const words = printParseErrorCode(first.error)
    .replaceAll(/([A-Z])/gu, ' $1')
    .toLowerCase()
    .trim()
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${words}`
}
