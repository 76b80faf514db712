const replacement = '[token]'

/** Replaces the tokens in a text. */
export type Redact = (text: string) => string

/** Every token that was ever handed out is redacted: a server may send back an old one too (law 7). */
export interface Redaction {
  add: (token: string) => void
  redact: Redact
}

/** This many first characters of the tokens are searched for together; the rest is compared where they occur. */
const longestPrefix = 4

/**
 * Finds a token in any case, since a host name is in lower case, and as a URL would carry it. Its time hardly depends on the number
 * of tokens: a process that runs for a month receives hundreds of them.
 */
export function createRedaction(): Redaction {
  const forms = new Set<string>()
  let lengths: readonly number[] = []
  let prefixes = /(?!)/gu
  return {
    add: (token) => {
      if (token === '' || forms.has(token.toLowerCase())) return
      for (const form of [token, encodeURIComponent(token)]) forms.add(form.toLowerCase())
      // Longest first: a token that begins with another one is replaced as a whole.
      lengths = [...new Set([...forms].map(({ length }) => length))].sort((one, other) => other - one)
      prefixes = matchPrefixes(forms, Math.min(longestPrefix, ...lengths))
    },
    redact: (text) => {
      const parts: string[] = []
      let end = 0
      prefixes.lastIndex = 0
      for (let found = prefixes.exec(text); found !== null; found = prefixes.exec(text)) {
        const { index } = found
        const length = lengths.find((each) => forms.has(text.slice(index, index + each).toLowerCase()))
        prefixes.lastIndex = index + (length ?? 1)
        if (length === undefined) continue
        parts.push(text.slice(end, index), replacement)
        end = index + length
      }
      return end === 0 ? text : parts.join('') + text.slice(end)
    },
  }
}

function matchPrefixes(forms: Iterable<string>, length: number): RegExp {
  const prefixes = new Set([...forms].map((form) => form.slice(0, length)))
  return new RegExp([...prefixes].map((prefix) => prefix.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&')).join('|'), 'giu')
}

/** The same value with every text in it redacted: a server may send back what it was sent. */
export function redactDeep<T>(value: T, redact: Redact): T {
  return walk(value, redact) as T
}

function walk(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((each) => walk(each, redact))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each, redact)]))
}
