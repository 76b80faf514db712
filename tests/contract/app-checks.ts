import { at } from '../sandbox/api/world.js'
import { locationOf, signed, submit } from '../sandbox/apps/world.js'
import type { Check, Contents } from './check.js'
import { check, R, repo } from './check.js'

const INSTALLATION = '/app/installations/{installation_id}'
const HOOK = '/app/hook'

/** An App that is installed on acme and on a user. */
interface Installed {
  /** The ID of the installation on acme. */
  id: number
  jwt: string
  token: string
}

async function installed({ sandbox, clock }: Contents): Promise<Installed> {
  const { admin } = sandbox
  const app = await admin.createApp({
    name: 'Orch',
    owner: 'acme',
    description: 'Builds changes.',
    isPublic: true,
    permissions: { checks: 'write', statuses: 'write' },
    events: ['push'],
    hook: { url: 'http://127.0.0.1:9000/hooks' },
  })
  const id = admin.installApp('orch', 'acme')
  admin.createAccount('ada')
  admin.installApp('orch', 'ada')
  await sandbox.webhooks.idle()
  const now = Math.floor(clock.now() / 1000)
  const jwt = signed({ iss: app.id, iat: now, exp: now + 60 }, app.privateKey)
  return { id, jwt, token: admin.createInstallationToken('orch', 'acme') }
}

/** Calls an endpoint as the App. `{id}` in the path stands for the installation on acme. */
function asApp(method: string, path: string, body?: unknown): Check['call'] {
  return async (c) => {
    const { id, jwt } = await installed(c)
    return c.call(method, path.replace('{id}', String(id)), body, { token: jwt })
  }
}

/** Calls an endpoint with the token of the installation on acme. */
function asInstallation(method: string, path: string, body?: unknown): Check['call'] {
  return async (c) => c.call(method, path, body, { token: (await installed(c)).token })
}

/** Calls an endpoint below the newest delivery of the App's hook. */
function ofDelivery(method: string, rest = ''): Check['call'] {
  return async (c) => {
    const token = (await installed(c)).jwt
    const { body } = await c.json('GET', `${HOOK}/deliveries`, undefined, { token })
    return c.call(method, `${HOOK}/deliveries/${String(at(body, 0, 'id'))}${rest}`, undefined, { token })
  }
}

/** Creates a check run and calls its endpoint with the token of its App. */
function ofCheckRun(method: string, change?: unknown): Check['call'] {
  return async (c) => {
    const { token } = await installed(c)
    const run = { name: 'orch', head_sha: c.head, output: { title: 't', summary: 's' } }
    const { body } = await c.json('POST', `${repo}/check-runs`, run, { token })
    return c.call(method, `${repo}/check-runs/${String(at(body, 'id'))}`, change, { token })
  }
}

/** Answers to Apps, and about check runs. */
export const appChecks: Check[] = [
  check('GET /users/{username}', 200, (c) => c.call('GET', '/users/developer')),
  check('GET /users/{username}', 404, (c) => c.call('GET', '/users/nobody')),
  check('GET /app', 200, asApp('GET', '/app')),
  check('GET /apps/{app_slug}', 200, asApp('GET', '/apps/orch')),
  check('GET /apps/{app_slug}', 404, (c) => c.call('GET', '/apps/none')),
  check('GET /app/installations', 200, asApp('GET', '/app/installations')),
  check(`GET ${INSTALLATION}`, 200, asApp('GET', '/app/installations/{id}')),
  check(`GET ${INSTALLATION}`, 404, asApp('GET', '/app/installations/1')),
  check(`DELETE ${INSTALLATION}`, 204, asApp('DELETE', '/app/installations/{id}')),
  check(`PUT ${INSTALLATION}/suspended`, 204, asApp('PUT', '/app/installations/{id}/suspended')),
  check(`DELETE ${INSTALLATION}/suspended`, 204, asApp('DELETE', '/app/installations/{id}/suspended')),
  check(`POST ${INSTALLATION}/access_tokens`, 201, asApp('POST', '/app/installations/{id}/access_tokens')),
  check(`POST ${INSTALLATION}/access_tokens`, 201, (c) => {
    const body = { repositories: ['lib'], permissions: { checks: 'read' } }
    return asApp('POST', '/app/installations/{id}/access_tokens', body)(c)
  }),
  check(`POST ${INSTALLATION}/access_tokens`, 401, (c) => c.call('POST', '/app/installations/1/access_tokens')),
  check(
    `POST ${INSTALLATION}/access_tokens`,
    422,
    asApp('POST', '/app/installations/{id}/access_tokens', { repositories: ['none'] }),
  ),
  check('GET /orgs/{org}/installation', 200, asApp('GET', '/orgs/acme/installation')),
  check('GET /users/{username}/installation', 200, asApp('GET', '/users/ada/installation')),
  check(`GET ${R}/installation`, 200, asApp('GET', `${repo}/installation`)),
  check(`GET ${R}/installation`, 404, asApp('GET', '/repos/acme/none/installation')),
  check('GET /installation/repositories', 200, asInstallation('GET', '/installation/repositories')),
  check('GET /installation/repositories', 403, (c) => c.call('GET', '/installation/repositories')),
  check('DELETE /installation/token', 204, asInstallation('DELETE', '/installation/token')),
  check('POST /app-manifests/{code}/conversions', 201, async (c) => {
    const manifest = JSON.stringify({ url: 'http://127.0.0.1', hook_attributes: { url: 'http://127.0.0.1:9000/' } })
    const created = await submit(c, '/settings/apps', { manifest, name: 'Orch', token: c.sandbox.token })
    const code = locationOf(created).searchParams.get('code') ?? ''
    return c.call('POST', `/app-manifests/${code}/conversions`)
  }),
  check('POST /app-manifests/{code}/conversions', 404, (c) => c.call('POST', '/app-manifests/none/conversions')),
  check(`GET ${HOOK}/config`, 200, asApp('GET', `${HOOK}/config`)),
  check(`PATCH ${HOOK}/config`, 200, asApp('PATCH', `${HOOK}/config`, { content_type: 'form' })),
  check(`GET ${HOOK}/deliveries`, 200, asApp('GET', `${HOOK}/deliveries`)),
  check(`GET ${HOOK}/deliveries/{delivery_id}`, 200, ofDelivery('GET')),
  check(`POST ${HOOK}/deliveries/{delivery_id}/attempts`, 202, ofDelivery('POST', '/attempts')),
  check(`POST ${R}/check-runs`, 201, async (c) => {
    const { token } = await installed(c)
    const run = { name: 'orch', head_sha: c.head, conclusion: 'success', output: { title: 't', summary: 's' } }
    return c.call('POST', `${repo}/check-runs`, run, { token })
  }),
  check(`GET ${R}/check-runs/{check_run_id}`, 200, ofCheckRun('GET')),
  check(`GET ${R}/check-runs/{check_run_id}`, 200, (c) => c.call('GET', `${repo}/check-runs/${c.jobId}`)),
  check(`PATCH ${R}/check-runs/{check_run_id}`, 200, ofCheckRun('PATCH', { status: 'in_progress' })),
  check(`GET ${R}/commits/{ref}/check-runs`, 200, async (c) => {
    await ofCheckRun('GET')(c)
    return c.call('GET', `${repo}/commits/DPTA-1/check-runs`)
  }),
]
