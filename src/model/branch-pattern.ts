/**
 * Branch patterns as GitHub Actions writes them under `on.push.branches`: `*` matches within a path segment, `**` across
 * segments, `?` and `+` repeat the character before them, `[a-z]` is a class, `\` escapes, and a pattern with a leading `!`
 * takes back what an earlier one matched.
 */
export type CompiledPattern = { ok: true; matches: (branch: string) => boolean } | { ok: false; problem: string }

/** One pattern without its leading `!`. */
export function compilePattern(pattern: string): CompiledPattern {
  const source = pattern.startsWith('!') ? pattern.slice(1) : pattern
  if (source === '') return { ok: false, problem: 'the pattern is empty' }
  const translated = translate(source)
  if (typeof translated !== 'string') return { ok: false, problem: translated.problem }
  try {
    const expression = new RegExp(`^${translated}$`, 'u')
    return { ok: true, matches: (branch) => expression.test(branch) }
  } catch {
    return { ok: false, problem: 'the character class is not valid' }
  }
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

function translate(source: string): string | { problem: string } {
  let out = ''
  for (let at = 0; at < source.length; at += 1) {
    const char = source.charAt(at)
    if (char === '*') {
      const double = source[at + 1] === '*'
      if (double) at += 1
      out += double ? '.*' : '[^/]*'
    } else if (char === '?' || char === '+') {
      if (out === '' || out.endsWith('*')) return { problem: `"${char}" has no character before it to repeat` }
      out += char
    } else if (char === '[') {
      const end = source.indexOf(']', at + 1)
      if (end <= at + 1) return { problem: 'the "[" is never closed, or holds nothing' }
      out += `[${source.slice(at + 1, end).replace(/[\\^[]/gu, '\\$&')}]`
      at = end
    } else if (char === '\\') {
      at += 1
      if (at >= source.length) return { problem: 'it ends with a backslash that escapes nothing' }
      out += escape(source.charAt(at))
    } else {
      out += escape(char)
    }
  }
  return out
}

function escape(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/-]/u, (special) => (special === '-' ? '-' : `\\${special}`))
}
