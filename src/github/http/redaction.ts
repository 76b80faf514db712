const shown = '[token]'

/** Takes a token out of a text. */
export type Redact = (text: string) => string

/** Finds the token in any case, since a host name would lower it, and as a URL would carry it (law 7). */
export function createRedaction(token: string | null): Redact {
  if (token === null || token === '') return (text) => text
  const forms = [token, encodeURIComponent(token)].map((form) => form.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&'))
  const pattern = new RegExp(forms.join('|'), 'giu')
  return (text) => text.replace(pattern, shown)
}

/** The same value with every text in it redacted: what a server sends back, it may have been sent. */
export function redactDeep<T>(value: T, redact: Redact): T {
  return walk(value, redact) as T
}

function walk(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((each) => walk(each, redact))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each, redact)]))
}
