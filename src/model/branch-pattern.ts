/**
 * A branch pattern in the syntax of GitHub Actions (`on.push.branches`): `*` matches within a path segment, `**` across segments, `?`
 * and `+` repeat the character before them, `[a-z]` is a class, `\` escapes, and a pattern with a leading `!` excludes what an earlier
 * pattern matched.
 */
export type CompiledPattern = { ok: true; matches: (branch: string) => boolean } | { ok: false; problem: string }

/** One element of a pattern: which characters it accepts, and how many of them. */
interface Element {
  accepts: (char: string) => boolean
  min: 0 | 1
  repeats: boolean
  /** How many of the next elements may be omitted together. */
  skips?: number
}

/** One pattern without its leading `!`. */
export function compilePattern(pattern: string): CompiledPattern {
  const source = pattern.startsWith('!') ? pattern.slice(1) : pattern
  if (source === '') return { ok: false, problem: 'the pattern is empty' }
  const elements = readElements(Array.from(source))
  if (typeof elements === 'string') return { ok: false, problem: elements }
  return { ok: true, matches: (branch) => matchesElements(elements, Array.from(branch)) }
}

/** Whether a branch matches the patterns of coordinated changes: the last matching pattern decides, as in GitHub Actions. */
export function matchesBranches(patterns: readonly string[], branch: string): boolean {
  let matched = false
  for (const pattern of patterns) {
    const compiled = compilePattern(pattern)
    if (compiled.ok && compiled.matches(branch)) matched = !pattern.startsWith('!')
  }
  return matched
}

/** The elements of a pattern, or why it is not valid. */
function readElements(chars: readonly string[]): Element[] | string {
  const elements: Element[] = []
  let repeatable: Element | undefined
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? ''
    if (char === '*') {
      const crosses = chars[at + 1] === '*'
      const wholeSegments = crosses && chars[at + 2] === '/' && (at === 0 || chars[at - 1] === '/')
      // As on GitHub, **/fix also matches fix: the leading part may be empty, including its slash.
      if (wholeSegments) elements.push({ accepts: () => false, min: 0, repeats: false, skips: 2 })
      if (crosses) at += 1
      elements.push({ accepts: (actual) => crosses || actual !== '/', min: 0, repeats: true })
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
      elements.push(repeatable)
    }
  }
  return elements
}

/** A class, an escaped or a plain character, with the index of its last character; or why it is not valid. */
function readSingle(chars: readonly string[], at: number): { accepts: Element['accepts']; end: number } | string {
  const char = chars[at] ?? ''
  if (char === '[') {
    const end = chars.indexOf(']', at + 1)
    if (end <= at + 1) return 'the "[" is not closed, or the class is empty'
    const accepts = readClass(chars.slice(at + 1, end))
    return typeof accepts === 'string' ? accepts : { accepts, end }
  }
  if (char !== '\\') return { accepts: (actual) => actual === char, end: at }
  const escaped = chars[at + 1]
  if (escaped === undefined) return 'it ends with a backslash that escapes nothing'
  return { accepts: (actual) => actual === escaped, end: at + 1 }
}

function readClass(chars: readonly string[]): Element['accepts'] | string {
  if (chars[0] === '^' || chars[0] === '!')
    return `GitHub does not support negated classes such as "[${chars.join('')}]"`
  const ranges: [string, string][] = []
  for (let at = 0; at < chars.length; at += 1) {
    const from = chars[at] ?? ''
    const to = chars[at + 2]
    if (chars[at + 1] !== '-' || to === undefined) {
      ranges.push([from, from])
      continue
    }
    if (!isRange(from, to)) return `"${from}-${to}" is not a valid range: use a-z, A-Z, 0-9, or a part of one`
    ranges.push([from, to])
    at += 2
  }
  return (actual) => ranges.some(([from, to]) => from <= actual && actual <= to && actual.length === from.length)
}

function isRange(from: string, to: string): boolean {
  return from <= to && [/^[a-z]$/u, /^[A-Z]$/u, /^[0-9]$/u].some((kind) => kind.test(from) && kind.test(to))
}

/**
 * Matches in one pass, with the set of pattern positions that are still possible. A regular expression would backtrack: a pattern such
 * as `*a*a*a*a*b` could hang on a long branch name.
 */
function matchesElements(elements: readonly Element[], branch: readonly string[]): boolean {
  let possible = withOptional(elements, new Set([0]))
  for (const char of branch) {
    const next = new Set<number>()
    for (const at of possible) {
      const element = elements[at]
      if (!element?.accepts(char)) continue
      next.add(at + 1)
      if (element.repeats) next.add(at)
    }
    possible = withOptional(elements, next)
    if (possible.size === 0) return false
  }
  return possible.has(elements.length)
}

/** Adds the positions that are reached by omitting optional elements. The loop over a Set also visits elements that it adds. */
function withOptional(elements: readonly Element[], positions: Set<number>): Set<number> {
  for (const at of positions) {
    const element = elements[at]
    if (element?.min === 0) positions.add(at + 1)
    if (element?.skips !== undefined) positions.add(at + 1 + element.skips)
  }
  return positions
}
