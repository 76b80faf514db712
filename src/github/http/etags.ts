import type { AnswerHeaders, RawAnswer } from './answer.js'

/** The key of a cached answer. */
export interface CacheKey {
  /** The identity whose token was sent: an answer to one identity is never shown to another. null: no token was sent. */
  identity: string | null
  url: string
  /** The requested media type. */
  accept: string
}

/**
 * A cache of answers to GETs with an ETag, which are requested again with `If-None-Match`: a 304 does not count against the
 * primary rate limit ("Best practices for using the REST API"). In memory only, for one server.
 */
export interface AnswerCache {
  /** The cached answer; null: none is cached. */
  find: (key: CacheKey) => CachedAnswer | null
  /** Returns the answer for the caller: the given one, or the cached one if that is as new or newer. */
  settle: (key: CacheKey, asked: CachedAnswer | null, answer: RawAnswer) => RawAnswer
}

export interface CachedAnswer {
  etag: string
  /** The time in the `Date` header, ms, UTC; NaN: the answer had none. */
  date: number
  answer: RawAnswer
}

export interface CacheBounds {
  count: number
  /** The limit on all bodies together; one body may take a tenth of it. */
  sizeBytes: number
}

/** Enough to watch a hundred runs and their pull requests; a body has about 5 to 20 kB. */
const defaultBounds: CacheBounds = { count: 1000, sizeBytes: 8 * 1024 * 1024 }

/** A 304 replaces these headers; all others keep their cached values. */
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
      // Answers overtake each other, and a cache on the way may return an old one: the answer with the newest date counts.
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
