const opening = '${{'
const closing = '}}'

/** A part of a text with `${{ }}` expressions. Offsets in the text, the end exclusive. */
export type SourcePart =
  | { kind: 'text'; text: string }
  /** `text`: what is between the braces, without the spaces around it. */
  | { kind: 'expression'; text: string; start: number; end: number }
  | { kind: 'not-closed'; start: number; end: number }

/** Splits a text into literal text and expressions. */
export function splitSource(source: string): SourcePart[] {
  const parts: SourcePart[] = []
  let at = 0
  for (let start = source.indexOf(opening); start >= 0; start = source.indexOf(opening, at)) {
    if (start > at) parts.push({ kind: 'text', text: source.slice(at, start) })
    const close = source.indexOf(closing, start)
    const next = source.indexOf(opening, start + opening.length)
    if (close < 0 || (next >= 0 && next < close)) {
      at = next >= 0 ? next : source.length
      parts.push({ kind: 'not-closed', start, end: at })
      continue
    }
    at = close + closing.length
    parts.push({ kind: 'expression', text: source.slice(start + opening.length, close).trim(), start, end: at })
  }
  if (at < source.length) parts.push({ kind: 'text', text: source.slice(at) })
  return parts
}
