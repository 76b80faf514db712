import type { AnswerHeaders, RawAnswer } from './answer.js'

/** What an answer is remembered by. */
export interface CacheKey {
  /** Whose token was sent: what one identity may see, another may not. null: no token. */
  identity: string | null
  url: string
  /** The media type that was asked for. */
  accept: string
}

/**
 * The answers to GETs that GitHub gave an ETag, to be asked for again with `If-None-Match`: a 304 does not count against the
 * primary rate limit ("Best practices for using the REST API"). In memory only, for one server.
 */
export interface AnswerCache {
  /** The answer to ask about; null: none is cached. */
  find: (key: CacheKey) => CachedAnswer | null
  /** What the caller is to see: the answer itself, or the cached one if that is as new or newer. */
  settle: (key: CacheKey, asked: CachedAnswer | null, answer: RawAnswer) => RawAnswer
}

export interface CachedAnswer {
  etag: string
  /** By the `Date` header, ms, UTC; NaN: it had none. */
  date: number
  answer: RawAnswer
}

export interface CacheBounds {
  count: number
  /** Of all bodies together; one body may take a tenth of it. */
  sizeBytes: number
}

/** Enough to watch a hundred runs and the pull requests around them; a body has some 5 to 20 kB. */
const defaultBounds: CacheBounds = { count: 1000, sizeBytes: 8 * 1024 * 1024 }

/** The headers that a 304 renews; all others stay as they were. */
const renewed = ['date', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-used', 'x-ratelimit-reset'] as const

export function createAnswerCache(bounds: CacheBounds = defaultBounds): AnswerCache {
  /** Least recently used first. */
  const cached = new Map<string, CachedAnswer>()
  let sizeBytes = 0

  const remove = (key: string): void => {
    sizeBytes -= sizeOf(cached.get(key))
    cached.delete(key)
  }
  const put = (key: string, entry: CachedAnswer): void => {
    remove(key)
    if (sizeOf(entry) > bounds.sizeBytes / 10) return
    cached.set(key, entry)
    sizeBytes += sizeOf(entry)
    for (const oldest of cached.keys()) {
      if (cached.size <= bounds.count && sizeBytes <= bounds.sizeBytes) break
      remove(oldest)
    }
  }

  return {
    find: (key) => cached.get(toText(key)) ?? null,
    settle: (cacheKey, asked, answer) => {
      const key = toText(cacheKey)
      const present = cached.get(key) ?? null
      const date = Date.parse(answer.headers['date'] ?? '')
      const isUnchanged = answer.status === 304 && asked !== null
      if (!isUnchanged && answer.status !== 200) return answer
      // Answers overtake each other, and a cache on the way may return an old one: the newest that GitHub dated counts.
      if (present !== null && date < present.date) return renew(present, answer.headers)
      if (isUnchanged) {
        put(key, { ...asked, date: Number.isNaN(date) ? asked.date : date })
        return renew(asked, answer.headers)
      }
      const etag = answer.headers['etag']
      if (etag === undefined) remove(key)
      else put(key, { etag, date, answer })
      return answer
    },
  }
}

function toText({ identity, accept, url }: CacheKey): string {
  return JSON.stringify([identity, accept, url])
}

function sizeOf(entry: CachedAnswer | undefined): number {
  return entry?.answer.bytes?.byteLength ?? 0
}

function renew({ answer }: CachedAnswer, now: AnswerHeaders): RawAnswer {
  const headers = { ...answer.headers }
  for (const name of renewed) {
    const value = now[name]
    if (value !== undefined) headers[name] = value
  }
  return { ...answer, headers }
}
