import type { Graph } from '../model/graph.js'
import { repositoriesOf } from '../model/graph.js'
import type { GitHub } from '../ports/github.js'
import { missingToken, resolveAuthentication } from '../github/authentication.js'
import { createGitHub } from '../github/github.js'
import { createProxyFetch } from '../github/proxy.js'
import type { RequestEntry } from '../github/transport.js'
import { harmless } from '../report/harmless.js'
import type { Context } from './context.js'
import type { Result } from './problem.js'
import { settingProblem, stop } from './problem.js'
import type { Messages } from './terminal-messages.js'

/** A GitHub to work with. */
export interface Connection {
  github: GitHub
  /** Where its pages for people are, without a slash at the end. */
  serverUrl: string
  /** Releases what the connection holds. */
  close: () => Promise<void>
}

export interface ConnectionOptions {
  verbose: boolean
}

/** Dispatches and statuses keep their distance on github.com; a server on this machine has no such limit. */
function writeSpacing(apiUrl: string): { writeSpacingMs?: number } {
  const { hostname } = new URL(apiUrl)
  return hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]' ? { writeSpacingMs: 0 } : {}
}

/** Connects to the GitHub that the environment names, with the token found there or at `gh`. */
export async function connect(
  context: Context,
  graph: Graph,
  messages: Messages,
  options: ConnectionOptions,
): Promise<Result<Connection>> {
  const ghToken = (hostname: string): Promise<string | null> =>
    context.readProgram('gh', ['auth', 'token', '--hostname', hostname])
  const authentication = await resolveAuthentication(context.env, ghToken)
  if (!authentication.ok)
    return stop(settingProblem(authentication.failure, 'nothing was sent: host and token must be right first'))
  const { host, token } = authentication.value
  if (token === null) {
    const missing = missingToken(host, repositoriesOf(graph).slice(0, 5))
    return stop(settingProblem(missing, 'no variable for this host holds one, and `gh auth token` gave none'))
  }
  const proxy = context.fetch ? { ok: true as const, value: null } : await createProxyFetch(context.env)
  if (!proxy.ok)
    return stop(settingProblem(proxy.failure, 'nothing was sent: requests go through the proxy or not at all'))
  const github = open(context, messages, options, {
    apiUrl: host.apiUrl,
    token,
    fetch: context.fetch ?? proxy.value?.fetch,
  })
  return { ok: true, value: { github, serverUrl: host.serverUrl, close: async () => proxy.value?.close() } }
}

/** A GitHub at a known address. */
export function open(
  context: Context,
  messages: Messages,
  { verbose }: ConnectionOptions,
  { apiUrl, token, fetch }: { apiUrl: string; token: string; fetch: typeof globalThis.fetch | undefined },
): GitHub {
  return createGitHub({
    apiUrl,
    token,
    clock: context.clock,
    random: context.random,
    ...(fetch ? { fetch } : {}),
    ...writeSpacing(apiUrl),
    ...(verbose ? { onRequest: (entry: RequestEntry) => messages.note(requestLine(entry)) } : {}),
  })
}

function requestLine({ method, path, status, ms, remaining, limit, failure }: RequestEntry): string {
  const left = remaining === null ? '' : `  ${remaining} of ${limit ?? '?'} left`
  const answer = status === null ? `no answer: ${harmless(failure ?? 'unknown')}` : String(status)
  return `  ${method.padEnd(4)} ${harmless(path)}  ${answer}  ${Math.round(ms)} ms${left}`
}
