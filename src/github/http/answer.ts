/** Header names in lower case. `Headers` is not used: its first use loads the whole global `fetch` (20 ms and 5 MB). */
export type AnswerHeaders = Readonly<Record<string, string>>

/** An HTTP answer. */
export interface HttpAnswer {
  status: number
  headers: AnswerHeaders
  /** Parsed if it is JSON, else the text or the bytes (`body.ts`). */
  body: unknown
}

/** An HTTP answer before its body is read. */
export interface RawAnswer {
  status: number
  headers: AnswerHeaders
  /** null: the status allows no body. */
  bytes: ArrayBuffer | null
}

/** Joins the values of a repeated header with commas, as RFC 9110 allows. */
export function readHeaders(entries: Iterable<readonly [string, string]>): AnswerHeaders {
  const values = new Map<string, string>()
  for (const [name, value] of entries) {
    const key = name.toLowerCase()
    const present = values.get(key)
    values.set(key, present === undefined ? value : `${present}, ${value}`)
  }
  return Object.fromEntries(values)
}

/** The whole number in a header; null: the header is absent or holds something else. */
export function readCount(headers: AnswerHeaders, name: string): number | null {
  const text = headers[name]
  return text !== undefined && /^\d+$/u.test(text) ? Number(text) : null
}
