import type { Environment } from '../../app/environment.js'
import type { Result } from '../../app/problem.js'
import { settingProblem, stop } from '../../app/problem.js'
import { resolveAuthentication } from '../../github/api/authentication.js'
import type { Authentication } from '../../github/api/authentication.js'
import { createProxyFetch } from '../../github/http/proxy.js'
import type { Clock } from '../../ports/clock.js'

/** The part of the process that a connection to GitHub uses. */
export interface GitHubAccess {
  env: Environment
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  /** Left out: the network of this machine. */
  fetch?: typeof fetch
  /** Output of a program that is run without a shell; null: it is absent or failed. */
  readProgram: (command: string, args: readonly string[]) => Promise<string | null>
}

/** The GitHub that the environment names, and the way to it. */
export interface FoundGitHub extends Pick<Authentication, 'host' | 'token'> {
  /** Undefined: the network of this machine, without a proxy. */
  fetch: typeof globalThis.fetch | undefined
  /** Whether GitHub's limits on writes are kept. */
  keepsLimits: boolean
  /** Releases the proxy. */
  close: () => Promise<void>
}

/** Finds the GitHub that the environment names, the token of the environment or of `gh`, and the proxy. Sends nothing. */
export async function findGitHub(access: GitHubAccess): Promise<Result<FoundGitHub>> {
  const ghToken = (hostname: string): Promise<string | null> =>
    access.readProgram('gh', ['auth', 'token', '--hostname', hostname])
  const authentication = await resolveAuthentication(access.env, ghToken)
  if (!authentication.ok)
    return stop(settingProblem(authentication.failure, 'nothing was sent: host and token must be right first'))
  const { host, token } = authentication.value
  const proxy = access.fetch ? { ok: true as const, value: null } : await createProxyFetch(access.env)
  if (!proxy.ok)
    return stop(settingProblem(proxy.failure, 'nothing was sent: requests go through the proxy or not at all'))
  const fetch = access.fetch ?? proxy.value?.fetch
  const close = async (): Promise<void> => proxy.value?.close()
  return { ok: true, value: { host, token, fetch, keepsLimits: keepsLimits(host.apiUrl), close } }
}

/** Whether a server has GitHub's limits: every one except a server on this machine. */
export function keepsLimits(apiUrl: string): boolean {
  const { hostname } = new URL(apiUrl)
  return !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
}
