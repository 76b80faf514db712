import { Buffer } from 'node:buffer'

const replacement = '[token]'

/** GitHub's tokens by their prefixes, with their shortest length (docs.github.com, About authentication to GitHub). */
const tokens = /\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,})/gu

/** A text without anything that looks like a token of GitHub, such as a command line with a mistake. */
export function withoutTokens(text: string): string {
  return text.replace(tokens, replacement)
}

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
 * Finds a token in any case, since a host name is in lower case, as a URL would carry it, and within base64, as in Basic credentials. Its
 * time hardly depends on the number of tokens: a process that runs for a month receives hundreds of them.
 */
export function createRedaction(): Redaction {
  const forms = new Set<string>()
  let lengths: readonly number[] = []
  let prefixes = /(?!)/gu
  return {
    add: (token) => {
      if (token === '' || forms.has(token.toLowerCase())) return
      for (const form of [token, encodeURIComponent(token), ...base64Forms(token)]) forms.add(form.toLowerCase())
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

/** A shorter part of base64 would match other text. */
const shortestBase64 = 12

/** The characters of base64 and base64url that are the same wherever the token stands in a longer text, for each place within three bytes. */
function base64Forms(token: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(token)])
    const isWhole = bytes.length % 3 === 0
    const encoded = bytes.toString('base64').replace(/=+$/u, '')
    const own = encoded.slice(before === 0 ? 0 : before + 1, isWhole ? undefined : -1)
    return own.length < shortestBase64 ? [] : [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
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
