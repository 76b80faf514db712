import type { Context } from 'hono'
import type { JSX } from 'hono/jsx/jsx-runtime'
import { accepts } from 'hono/accepts'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { jsonSafe } from '../../lib/sanitize.js'
import type { Failure } from '../../model/failure.js'
import type { CommandProblemJson, ProblemJson } from '../../model/wire/problem.js'
import { renderPage } from '../pages/layout.js'
import { ProblemPage } from '../pages/problem-page.js'
import type { Visitor } from '../pages/layout.js'
import type { HttpEnv } from './http-env.js'
import { requesterOf } from './login/caller.js'

/** Whether a browser asks for a page; programs get JSON. */
export function wantsPage(c: Context<HttpEnv>): boolean {
  const supported = ['application/json', 'text/html']
  return accepts(c, { header: 'Accept', supports: supported, default: 'application/json' }) === 'text/html'
}

/** A JSON document; text of other people cannot reorder what a reader sees of it. */
export function sendJson(c: Context<HttpEnv>, value: object, status: ContentfulStatusCode = 200): Response {
  return c.body(`${jsonSafe(value)}\n`, status, { 'Content-Type': 'application/json', Vary: 'Accept' })
}

/** A page. `element` is its whole document. */
export function sendPage(c: Context<HttpEnv>, element: JSX.Element, status: ContentfulStatusCode = 200): Response {
  return c.body(renderPage(element), status, { 'Content-Type': 'text/html; charset=UTF-8', Vary: 'Accept' })
}

/** Who looks at a page, after the login. */
export function visitorOf(c: Context<HttpEnv>): Visitor {
  const { caller, session } = c.var
  return { name: requesterOf(caller), formToken: session?.formToken ?? null }
}

export interface Problem {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 421 | 422 | 429 | 500 | 502 | 503
  /** What happened, and what to do about it. */
  detail: string
  headers?: Readonly<Record<string, string>>
  /** The field of the request that it is about. */
  field?: string
  code?: ProblemJson['code']
  problems?: readonly CommandProblemJson[]
}

const titles: Record<Problem['status'], string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

/** An error, as a page for a browser and as `application/problem+json` for a program. */
export function sendProblem(c: Context<HttpEnv>, problem: Problem): Response {
  const { status, detail, field, code, problems = [], headers = {} } = problem
  for (const [name, value] of Object.entries(headers)) c.header(name, value)
  const requestId = c.get('requestId')
  if (wantsPage(c)) {
    // Absent before the login.
    const { caller } = c.var as Partial<HttpEnv['Variables']>
    const visitor = caller ? visitorOf(c) : null
    const page = { title: titles[status], status, detail, problems, requestId, visitor }
    return sendPage(c, <ProblemPage {...page} />, status)
  }
  const body: ProblemJson = {
    type: 'about:blank',
    title: titles[status],
    status,
    detail,
    requestId,
    ...(field === undefined ? {} : { field }),
    ...(code === undefined ? {} : { code }),
    ...(problems.length === 0 ? {} : { problems }),
  }
  return c.body(`${jsonSafe(body)}\n`, status, { 'Content-Type': 'application/problem+json', Vary: 'Accept' })
}

/** GitHub could not be asked for what the answer depends on. */
export function sendUnavailable(c: Context<HttpEnv>, what: string, { message, remedy }: Failure): Response {
  const detail = `${what}: ${message}. ${remedy ?? 'Try again in a minute.'}`
  return sendProblem(c, { status: 503, detail, headers: { 'Retry-After': '30' } })
}

/** The address of this request has sent too many wrong tokens or signatures. */
export function tooManyTokens(retryAfterMs: number): Problem {
  const detail =
    'This address has sent too many wrong tokens or signatures. Wait, then try again; the right one works at any time.'
  return { status: 429, detail, headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) } }
}
