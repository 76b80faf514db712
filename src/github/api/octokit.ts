import { Octokit } from '@octokit/rest'
import type { HttpAnswer } from '../http/answer.js'
import type { HttpRequest } from '../http/transport.js'
import type { Method } from './ask.js'

/** A request in Octokit's form: other keys are the query of a GET or the JSON body of a POST. */
export type OctokitParameters = Readonly<Record<string, unknown>> & {
  method: Method
  /** An absolute address, or a path below the API's root. */
  url: string
  headers: Readonly<Record<string, string>>
}

/** Sends one request through Octokit, which passes `context` to `send`. */
export type OctokitRequest<T> = (parameters: OctokitParameters, context: T) => Promise<HttpAnswer>

const nothing = (): undefined => undefined

// Octokit's default log is the console; orch reports failures itself.
const silentLog = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * Octokit builds each request (address, query, JSON body, headers), and a request hook hands the sending to `send`. It is the outermost hook,
 * so no other part of Octokit sees the request. An answer of any status is returned: `classify.ts` interprets it.
 */
export function createOctokitRequest<T>(options: {
  apiUrl: string
  userAgent: string
  send: (request: HttpRequest, context: T) => Promise<HttpAnswer>
}): OctokitRequest<T> {
  const { apiUrl, userAgent, send } = options
  const octokit = new Octokit({ baseUrl: apiUrl, userAgent, log: silentLog })
  octokit.hook.wrap('request', async (_request, merged) => {
    const parsed = octokit.request.endpoint.parse(merged)
    const { method, url, headers } = parsed
    const body: unknown = parsed.body
    const request: HttpRequest = {
      method,
      url,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    const answer = await send(request, merged.request['context'] as T)
    return { status: answer.status, headers: answer.headers, url, data: answer.body }
  })
  return async (parameters, context) => {
    const { status, headers, data } = await octokit.request<unknown>({ ...parameters, request: { context } })
    return { status, headers: headers as HttpAnswer['headers'], body: data }
  }
}
