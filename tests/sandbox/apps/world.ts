import { createSign } from 'node:crypto'

import type { AppCredentials } from '../../../src/sandbox/app-admin.js'
import type { NewApp } from '../../../src/sandbox/apps/create-app.js'
import type { SandboxOptions } from '../../../src/sandbox/sandbox.js'
import type { ApiWorld } from '../api/world.js'
import { createApiWorld, START } from '../api/world.js'

/** A sandbox with the repositories acme/lib (public) and acme/secret (private), and an App that is not installed. */
export interface AppWorld extends ApiWorld {
  app: AppCredentials
  /** Returns a valid JSON Web Token of the App, with changed claims. */
  jwt(claims?: Record<string, unknown>): string
  /** Installs the App on acme and returns a token of the installation. */
  installationToken(repositories?: string[]): string
}

export const PERMISSIONS = { contents: 'read', pull_requests: 'write', statuses: 'write', checks: 'write' } as const

export async function createAppWorld(
  made: Partial<Omit<NewApp, 'owner'>> & { owner?: string } = {},
  options: Partial<SandboxOptions> = {},
): Promise<AppWorld> {
  const world = await createApiWorld(options)
  const { admin } = world.sandbox
  await admin.createRepository('acme/secret', { private: true })
  await admin.commit('acme/secret', 'main', { f: 'x' })
  const app = await admin.createApp({ name: 'Orch', owner: 'acme', permissions: { ...PERMISSIONS }, ...made })
  return {
    ...world,
    app,
    jwt: (claims = {}) => {
      const now = Math.floor(world.clock.now() / 1000)
      return signed({ iss: app.id, iat: now - 60, exp: now + 540, ...claims }, app.privateKey)
    },
    installationToken(repositories) {
      admin.installApp(app.slug, 'acme', repositories)
      return admin.createInstallationToken(app.slug, 'acme')
    },
  }
}

/** Returns a JSON Web Token that a key signs. A claim that is undefined is left out. */
export function signed(claims: Record<string, unknown>, privateKey: string, algorithm = 'RS256'): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: algorithm, typ: 'JWT' })}.${part(claims)}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}

/** Submits a form as a browser does, without following the redirect. */
export function submit(world: ApiWorld, path: string, fields: Record<string, string>): Promise<Response> {
  const request = new Request(`http://127.0.0.1${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
  return world.sandbox.fetch(request)
}

/** Returns the address to which a response redirects. */
export function locationOf(response: Response): URL {
  return new URL(response.headers.get('location') ?? 'http://none')
}

export { START }
