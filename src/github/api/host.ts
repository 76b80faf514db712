import type { Failure } from '../../model/failure.js'
import type { Read } from '../../ports/host/read.js'

/** A GitHub server and its addresses. */
export interface GitHubHost {
  /** The name that `gh` uses: `github.com`, `acme.ghe.com`, `github.acme.example`. */
  hostname: string
  /** Root of the REST API, without a slash at the end. */
  apiUrl: string
  /** Root of its web pages, without a slash at the end. */
  serverUrl: string
  /** Whether it is neither github.com nor GitHub Enterprise Cloud: an Enterprise Server has its own tokens and versions. */
  isEnterpriseServer: boolean
}

const gitHubCom = 'github.com'

/**
 * The host is GH_HOST if it is set, because a person set it; else GITHUB_API_URL, which GitHub Actions sets for every step; else
 * github.com. The token is sent to that host, so an address without encryption is refused except on this machine.
 */
export function readHost(env: Readonly<Record<string, string | undefined>>): Read<GitHubHost> {
  const name = (env['GH_HOST'] ?? '').trim().toLowerCase()
  const address = (env['GITHUB_API_URL'] ?? '').trim()
  const fromAddress = address === '' ? null : readApiUrl(address)
  if (name !== '') {
    if (!isHostname(name))
      return refuse(`GH_HOST is not a host name: ${JSON.stringify(name)}`, 'write it like github.acme.example')
    const host = fromName(name === 'www.github.com' || name === 'api.github.com' ? gitHubCom : name)
    // The address may hold more than the name, such as a port or a path.
    return {
      ok: true,
      value: fromAddress?.ok && fromAddress.value.hostname === host.hostname ? fromAddress.value : host,
    }
  }
  return fromAddress ?? { ok: true, value: fromName(gitHubCom) }
}

function fromName(hostname: string): GitHubHost {
  const serverUrl = `https://${hostname}`
  if (hostname === gitHubCom || isGheCom(hostname)) {
    return { hostname, serverUrl, apiUrl: `https://api.${hostname}`, isEnterpriseServer: false }
  }
  return { hostname, serverUrl, apiUrl: `${serverUrl}/api/v3`, isEnterpriseServer: true }
}

function readApiUrl(text: string): Read<GitHubHost> {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/u.test(url.protocol)) {
    return refuse('GITHUB_API_URL is not a web address', 'write it like https://github.acme.example/api/v3')
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const remedy = 'write it like https://github.acme.example/api/v3, and give the token in a variable of its own'
    return refuse('GITHUB_API_URL holds more than an address', remedy)
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return refuse(`GITHUB_API_URL would send the token to ${url.host} without encryption`, 'write it with https')
  }
  const apiUrl = url.href.replace(/\/+$/u, '')
  const hostname = url.host.startsWith('api.') ? url.host.slice('api.'.length) : url.host
  if (hostname === gitHubCom || isGheCom(hostname)) {
    return { ok: true, value: { hostname, apiUrl, serverUrl: `https://${hostname}`, isEnterpriseServer: false } }
  }
  return { ok: true, value: { hostname: url.host, apiUrl, serverUrl: url.origin, isEnterpriseServer: true } }
}

function isGheCom(hostname: string): boolean {
  return /^[^.]+\.ghe\.com$/u.test(hostname)
}

/** A host name or address with an optional port, without any character that has another meaning in a URL. */
function isHostname(text: string): boolean {
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/u.test(text)) return false
  return URL.canParse(`https://${text}`)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/u.test(hostname)
}

function refuse(message: string, remedy: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { kind: 'unauthorized', message, remedy } }
}
