import { createVerify, generateKeyPairSync } from 'node:crypto'
import type { TestClock } from '../../support/test-clock.js'

/** One key pair for all tests: creating one takes a while. */
export const appKeys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})

export const allPermissions: Record<string, string> = {
  actions: 'write',
  contents: 'read',
  pull_requests: 'write',
  statuses: 'write',
  metadata: 'read',
  checks: 'write',
  issues: 'write',
  merge_queues: 'read',
  members: 'read',
  repository_hooks: 'read',
  organization_hooks: 'read',
}

export interface FakeInstallation {
  account: string
  permissions?: Record<string, string>
  /** The names of the selected repositories; absent: all. */
  selected?: string[]
  isSuspended?: boolean
}

interface Asked {
  method: string
  path: string
  authorization: string
}

/** The part of GitHub that a GitHub App meets, on a test clock: the App, its installations, their tokens, and whatever `answer` adds. */
export class AppServer {
  readonly asked: Asked[] = []
  readonly installations: FakeInstallation[] = []
  /** How many tokens are refused with 502 before one is created. */
  brokenTokens = 0
  isKeyRevoked = false
  /** Answers every request with an installation's token. */
  answer: (request: Request, account: string) => Promise<Response> | Response = () =>
    json(404, { message: 'Not Found' })
  private readonly clock: TestClock
  private readonly tokens = new Map<string, { account: string; expiresAt: number }>()
  /** How much GitHub's clock is ahead, ms. */
  private readonly aheadMs: number

  constructor(clock: TestClock, aheadMs = 0) {
    this.clock = clock
    this.aheadMs = aheadMs
  }

  readonly fetch: typeof fetch = (input, init) => this.clock.track(this.respond(new Request(input, init)))

  /** How many tokens were created. */
  created(): number {
    return this.asked.filter(({ path }) => path.endsWith('/access_tokens')).length
  }

  private now(): number {
    return this.clock.now() + this.aheadMs
  }

  private async respond(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname
    const authorization = request.headers.get('authorization') ?? ''
    this.asked.push({ method: request.method, path, authorization })
    const response = authorization.startsWith('bearer ')
      ? this.asApp(path, authorization.slice('bearer '.length))
      : await this.asInstallation(request, authorization.replace('token ', ''))
    response.headers.set('date', new Date(this.now()).toUTCString())
    return response
  }

  private asApp(path: string, jwt: string): Response {
    if (this.isKeyRevoked || !this.isValid(jwt)) {
      return json(401, { message: 'A JSON web token could not be decoded', documentation_url: 'x', status: '401' })
    }
    if (path === '/app') return json(200, { id: 7, slug: 'orch', html_url: 'https://github.test/apps/orch' })
    if (path === '/app/installations') return json(200, this.installations.map(toBody))
    const repository = /^\/repos\/([^/]+)\/([^/]+)\/installation$/u.exec(path)
    if (repository) {
      const found = this.installations.find(({ account }) => account === repository[1])
      const isIncluded = found && (found.selected === undefined || found.selected.includes(repository[2] ?? ''))
      return isIncluded ? json(200, toBody(found, 0)) : json(404, { message: 'Not Found' })
    }
    const id = Number(/^\/app\/installations\/(\d+)\/access_tokens$/u.exec(path)?.[1])
    const installation = this.installations[id - 1]
    if (!installation) return json(404, { message: 'Not Found' })
    if (installation.isSuspended === true) return json(403, { message: 'This installation has been suspended' })
    if (this.brokenTokens > 0) {
      this.brokenTokens -= 1
      return json(502, { message: 'Server Error' })
    }
    const token = `ghs_${installation.account}_${this.created()}`
    const expiresAt = this.now() + 3_600_000
    this.tokens.set(token, { account: installation.account, expiresAt })
    return json(201, { token, expires_at: new Date(expiresAt).toISOString().replace(/\.\d+/u, '') })
  }

  private async asInstallation(request: Request, token: string): Promise<Response> {
    const known = this.tokens.get(token)
    if (!known || known.expiresAt <= this.now()) return json(401, { message: 'Bad credentials' })
    return this.answer(request, known.account)
  }

  private isValid(jwt: string): boolean {
    const [header = '', payload = '', signature = ''] = jwt.split('.')
    const verifier = createVerify('RSA-SHA256').update(`${header}.${payload}`)
    if (!verifier.verify(appKeys.publicKey, signature, 'base64url')) return false
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat: number; exp: number; iss: string }
    const now = this.now() / 1000
    return claims.iss === '7' && claims.iat <= now && claims.exp > now && claims.exp <= now + 600
  }
}

function toBody({ account, permissions, selected, isSuspended }: FakeInstallation, index: number): unknown {
  return {
    id: index + 1,
    account: { login: account },
    permissions: permissions ?? allPermissions,
    repository_selection: selected === undefined ? 'all' : 'selected',
    suspended_at: isSuspended === true ? '2026-11-01T00:00:00Z' : null,
    html_url: `https://github.test/organizations/${account}/settings/installations/${index + 1}`,
  }
}

export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
