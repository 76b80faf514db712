import type { Failure } from '../../model/failure.js'
import type { Read } from '../../ports/host/read.js'

export interface ProxyFetch {
  fetch: typeof fetch
  /** Closes the connections when the requests in flight have ended. */
  close(): Promise<void>
}

/** Hosts that are never reached through a proxy, even if NO_PROXY does not list them: a sandbox runs there. */
const never = ['localhost', '127.0.0.1', '[::1]']

/**
 * A `fetch` through the proxy in HTTPS_PROXY or HTTP_PROXY (lower case first, as curl reads them), except
 * for the hosts in NO_PROXY; null if neither is set. Node's own fetch does not support proxies.
 * Fails on an invalid address without showing it, because it may hold a password.
 */
export async function createProxyFetch(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Read<ProxyFetch | null>> {
  const https = readAddress(env, 'https_proxy')
  const http = readAddress(env, 'http_proxy')
  if (https === null && http === null) return { ok: true, value: null }
  for (const variable of [https, http]) {
    if (variable !== null && !isProxyAddress(variable.value)) return { ok: false, failure: refuse(variable.name) }
  }
  const noProxy = readVariable(env, 'no_proxy')?.value ?? ''
  // undici is loaded only here: most machines have no proxy, and loading it takes tens of milliseconds.
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import('./undici.js')
  const dispatcher = new EnvHttpProxyAgent({
    // An absent option would be read from the process's own environment, an empty one is not.
    httpProxy: http?.value ?? '',
    httpsProxy: https?.value ?? '',
    noProxy: noProxy === '*' ? noProxy : [noProxy, ...never].join(','),
  })
  // A dispatcher works only with the fetch of the same undici, and Node's fetch is of another version.
  const proxied = (input: string, init?: object): unknown => undiciFetch(input, { ...init, dispatcher })
  return { ok: true, value: { fetch: proxied as unknown as typeof fetch, close: () => dispatcher.close() } }
}

function readVariable(
  env: Readonly<Record<string, string | undefined>>,
  lowerCase: string,
): { name: string; value: string } | null {
  for (const name of [lowerCase, lowerCase.toUpperCase()]) {
    const value = (env[name] ?? '').trim()
    if (value !== '') return { name, value }
  }
  return null
}

/** curl and Go accept an address without a scheme, so people write it that way. */
function readAddress(
  env: Readonly<Record<string, string | undefined>>,
  lowerCase: string,
): { name: string; value: string } | null {
  const found = readVariable(env, lowerCase)
  return found === null || found.value.includes('://') ? found : { ...found, value: `http://${found.value}` }
}

function isProxyAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol)
}

function refuse(name: string): Failure {
  return {
    kind: 'network',
    message: `${name} is not the address of a proxy`,
    remedy: 'write it like http://proxy.acme.example:3128',
  }
}
