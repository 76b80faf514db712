import type { Context } from 'hono'
import type { HttpEnv } from '../http-env.js'

const maxLimit = 100

/** The part of a list that a request asks for. */
export interface PageQuery {
  cursor?: string
  limit?: number
}

/** Reads `cursor` and `limit`; `problem`: a sentence for the reader. */
export function readPageQuery(c: Context<HttpEnv>): { ok: true; value: PageQuery } | { ok: false; problem: string } {
  const { cursor, limit } = c.req.query()
  const page: PageQuery = cursor === undefined || cursor === '' ? {} : { cursor }
  if (limit === undefined || limit === '') return { ok: true, value: page }
  const count = /^\d{1,3}$/u.test(limit) ? Number(limit) : 0
  if (count >= 1 && count <= maxLimit) return { ok: true, value: { ...page, limit: count } }
  return { ok: false, problem: `The limit ${JSON.stringify(limit)} is not valid. Use a number from 1 to ${maxLimit}.` }
}
