import { createHeaders, type AnswerHeaders } from './answer-headers.js'

/** A whole HTTP answer. */
export interface WholeAnswer {
  status: number
  headers: AnswerHeaders
  /** null: these statuses carry no body. */
  bytes: ArrayBuffer | null
}

/**
 * The answers to GETs that GitHub gave an ETag, to be asked for again with `If-None-Match`: an answer of 304 does not count against the
 * primary rate limit ("Best practices for using the REST API"). In memory only, for one server and one token.
 */
export interface AnswerMemory {
  /** The answer to ask about; null: none is remembered. `accept`: the media type asked for. */
  find: (url: string, accept: string) => Remembered | null
  /** What the caller is to see: the answer itself, or the remembered one where that is as new or newer. */
  settle: (url: string, accept: string, asked: Remembered | null, answer: WholeAnswer) => WholeAnswer
}

export interface Remembered {
  etag: string
  /** By the `Date` header, ms, UTC; NaN: it had none. */
  date: number
  answer: WholeAnswer
}

export interface MemoryBounds {
  /** Answers. */
  count: number
  /** Of all bodies, in bytes; one body may take a tenth of it. */
  bytes: number
}

/** Enough to watch a hundred runs and the pull requests around them; a body is some 5 to 20 kB. */
const defaultBounds: MemoryBounds = { count: 1000, bytes: 8 * 1024 * 1024 }

/** What a 304 says anew; everything else stands as it was. */
const renewed = ['date', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-used', 'x-ratelimit-reset'] as const

export function createAnswerMemory(bounds: MemoryBounds = defaultBounds): AnswerMemory {
  /** Least recently used first. */
  const known = new Map<string, Remembered>()
  let bytes = 0

  const forget = (key: string): void => {
    bytes -= sizeOf(known.get(key))
    known.delete(key)
  }
  const remember = (key: string, remembered: Remembered): void => {
    forget(key)
    if (sizeOf(remembered) > bounds.bytes / 10) return
    known.set(key, remembered)
    bytes += sizeOf(remembered)
    for (const oldest of known.keys()) {
      if (known.size <= bounds.count && bytes <= bounds.bytes) break
      forget(oldest)
    }
  }

  return {
    find: (url, accept) => known.get(keyOf(url, accept)) ?? null,
    settle: (url, accept, asked, answer) => {
      const key = keyOf(url, accept)
      const present = known.get(key) ?? null
      const date = Date.parse(answer.headers.get('date') ?? '')
      const isUnchanged = answer.status === 304 && asked !== null
      if (!isUnchanged && answer.status !== 200) return answer
      // Answers overtake each other, and a cache in between may give an old one: the newest that GitHub dated counts.
      if (present !== null && date < present.date) return again(present, answer.headers)
      if (isUnchanged) {
        remember(key, { ...asked, date: Number.isNaN(date) ? asked.date : date })
        return again(asked, answer.headers)
      }
      const etag = answer.headers.get('etag')
      if (etag === null) forget(key)
      else remember(key, { etag, date, answer })
      return answer
    },
  }
}

function keyOf(url: string, accept: string): string {
  return `${accept} ${url}`
}

function sizeOf(remembered: Remembered | undefined): number {
  return remembered?.answer.bytes?.byteLength ?? 0
}

function again({ answer }: Remembered, now: AnswerHeaders): WholeAnswer {
  const headers = new Map(answer.headers)
  for (const name of renewed) {
    const value = now.get(name)
    if (value !== null) headers.set(name, value)
  }
  return { ...answer, headers: createHeaders(headers) }
}
