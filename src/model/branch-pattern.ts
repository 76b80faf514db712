/**
 * Branch patterns as GitHub Actions writes them under `on.push.branches`: `*` matches within a path segment, `**` across
 * segments, `?` and `+` repeat the character before them, `[a-z]` is a class, `\` escapes, and a pattern with a leading `!`
 * takes back what an earlier one matched.
 */
export type CompiledPattern = { ok: true; matches: (branch: string) => boolean } | { ok: false; problem: string }

/** One piece of a pattern: which characters it takes, and how many of them. */
interface Piece {
  accepts: (char: string) => boolean
  min: 0 | 1
  repeats: boolean
  /** How many pieces after this one may be left out together. */
  skips?: number
}

/** One pattern without its leading `!`. */
export function compilePattern(pattern: string): CompiledPattern {
  const source = pattern.startsWith('!') ? pattern.slice(1) : pattern
  if (source === '') return { ok: false, problem: 'the pattern is empty' }
  const pieces = readPieces(Array.from(source))
  if (typeof pieces === 'string') return { ok: false, problem: pieces }
  return { ok: true, matches: (branch) => matchesPieces(pieces, Array.from(branch)) }
}

/** Whether a branch belongs to the changes: the last pattern that matches decides, as in GitHub Actions. */
export function matchesBranches(patterns: readonly string[], branch: string): boolean {
  let matched = false
  for (const pattern of patterns) {
    const compiled = compilePattern(pattern)
    if (compiled.ok && compiled.matches(branch)) matched = !pattern.startsWith('!')
  }
  return matched
}

/** The pieces, or why the pattern is none. */
function readPieces(chars: readonly string[]): Piece[] | string {
  const pieces: Piece[] = []
  let repeatable: Piece | undefined
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? ''
    if (char === '*') {
      const crosses = chars[at + 1] === '*'
      const wholeSegments = crosses && chars[at + 2] === '/' && (at === 0 || chars[at - 1] === '/')
      // As on GitHub, the leading part of **/fix may be nothing at all, its slash included.
      if (wholeSegments) pieces.push({ accepts: () => false, min: 0, repeats: false, skips: 2 })
      if (crosses) at += 1
      pieces.push({ accepts: (taken) => crosses || taken !== '/', min: 0, repeats: true })
      repeatable = undefined
    } else if (char === '?' || char === '+') {
      if (!repeatable) return `"${char}" has no character before it to repeat`
      if (char === '?') repeatable.min = 0
      else repeatable.repeats = true
      repeatable = undefined
    } else {
      const single = readSingle(chars, at)
      if (typeof single === 'string') return single
      at = single.end
      repeatable = { accepts: single.accepts, min: 1, repeats: false }
      pieces.push(repeatable)
    }
  }
  return pieces
}

/** A class, an escaped or a plain character, with the index of its last character; or what is wrong with it. */
function readSingle(chars: readonly string[], at: number): { accepts: Piece['accepts']; end: number } | string {
  const char = chars[at] ?? ''
  if (char === '[') {
    const end = chars.indexOf(']', at + 1)
    if (end <= at + 1) return 'the "[" is never closed, or holds nothing'
    const accepts = readClass(chars.slice(at + 1, end))
    return typeof accepts === 'string' ? accepts : { accepts, end }
  }
  if (char !== '\\') return { accepts: (taken) => taken === char, end: at }
  const escaped = chars[at + 1]
  if (escaped === undefined) return 'it ends with a backslash that escapes nothing'
  return { accepts: (taken) => taken === escaped, end: at + 1 }
}

function readClass(chars: readonly string[]): Piece['accepts'] | string {
  if (chars[0] === '^' || chars[0] === '!') return `GitHub knows no negated class such as "[${chars.join('')}]"`
  const ranges: [string, string][] = []
  for (let at = 0; at < chars.length; at += 1) {
    const from = chars[at] ?? ''
    const to = chars[at + 2]
    if (chars[at + 1] !== '-' || to === undefined) {
      ranges.push([from, from])
      continue
    }
    if (!isRange(from, to)) return `"${from}-${to}" is no range: only a-z, A-Z and 0-9, or parts of them, are`
    ranges.push([from, to])
    at += 2
  }
  return (taken) => ranges.some(([from, to]) => from <= taken && taken <= to && taken.length === from.length)
}

function isRange(from: string, to: string): boolean {
  return from <= to && [/^[a-z]$/u, /^[A-Z]$/u, /^[0-9]$/u].some((kind) => kind.test(from) && kind.test(to))
}

/**
 * Walks the branch once with every position of the pattern that is still possible. A regular expression would backtrack:
 * a pattern such as `*a*a*a*a*b` could then hang on a long branch name.
 */
function matchesPieces(pieces: readonly Piece[], branch: readonly string[]): boolean {
  let possible = withOptional(pieces, new Set([0]))
  for (const char of branch) {
    const next = new Set<number>()
    for (const at of possible) {
      const piece = pieces[at]
      if (!piece?.accepts(char)) continue
      next.add(at + 1)
      if (piece.repeats) next.add(at)
    }
    possible = withOptional(pieces, next)
    if (possible.size === 0) return false
  }
  return possible.has(pieces.length)
}

/** Adds the positions that are reached by leaving out what may be left out. A Set visits what is added while it is walked. */
function withOptional(pieces: readonly Piece[], positions: Set<number>): Set<number> {
  for (const at of positions) {
    const piece = pieces[at]
    if (piece?.min === 0) positions.add(at + 1)
    if (piece?.skips !== undefined) positions.add(at + 1 + piece.skips)
  }
  return positions
}
