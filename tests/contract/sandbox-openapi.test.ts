import { describe, expect, test } from 'vitest'

import { servedEndpoints } from '../../src/sandbox/routes/all.js'
import { at } from '../sandbox/api/world.js'
import { appChecks } from './app-checks.js'
import { artifactChecks } from './artifact-checks.js'
import type { Check, Contents } from './check.js'
import { check, createContents, dispatches, R, repo } from './check.js'
import { commentChecks } from './comment-checks.js'
import { bodyProblems, describedAnswers } from './contract.js'

/** Lets the running run wait for the environment `production`; returns its ID. */
async function deploys(contents: Contents): Promise<number> {
  const { sandbox, execution } = contents
  sandbox.admin.setEnvironment('acme/lib', 'production', { reviewers: ['developer'] })
  void execution.requestDeployment('production', execution.cancelled)
  return Number(at((await contents.json('GET', `${repo}/environments/production`)).body, 'id'))
}

/** Adds a hook to the repository, or to its organization; returns the path of the hook and of its first delivery. */
async function hooked(
  { sandbox, json }: Contents,
  owner: 'acme/lib' | 'acme',
): Promise<{ hook: string; delivery: string }> {
  const id = sandbox.webhooks.create(owner, { url: RECEIVER, secret: 'hush' })
  await sandbox.webhooks.idle()
  const hook = `${owner === 'acme' ? '/orgs/acme' : repo}/hooks/${id}`
  const { body } = await json('GET', `${hook}/deliveries`)
  return { hook, delivery: `${hook}/deliveries/${String(at(body, 0, 'id'))}` }
}

const RECEIVER = 'http://127.0.0.1:9000/hooks'

/** The checks of the hooks of a repository or an organization, which have the same endpoints below their own path. */
function hookChecks(path: string, owner: 'acme/lib' | 'acme'): Check[] {
  const own = owner === 'acme' ? '/orgs/acme' : repo
  const hook = `${path}/hooks/{hook_id}`
  const made = { name: 'web', config: { url: RECEIVER }, events: ['push'] }
  const withHook =
    (method: string, rest = '', body?: unknown): Check['call'] =>
    async (c) =>
      c.call(method, `${(await hooked(c, owner)).hook}${rest}`, body)
  return [
    check(`GET ${path}/hooks`, 200, async (c) => {
      await hooked(c, owner)
      return c.call('GET', `${own}/hooks`)
    }),
    check(`POST ${path}/hooks`, 201, (c) => c.call('POST', `${own}/hooks`, made)),
    check(`POST ${path}/hooks`, 422, (c) => c.call('POST', `${own}/hooks`, { ...made, config: { url: 'x' } })),
    check(`GET ${hook}`, 200, withHook('GET')),
    check(`GET ${hook}`, 404, (c) => c.call('GET', `${own}/hooks/1`)),
    check(`PATCH ${hook}`, 200, withHook('PATCH', '', { active: false })),
    check(`PATCH ${hook}`, 422, withHook('PATCH', '', { events: ['none'] })),
    check(`DELETE ${hook}`, 204, withHook('DELETE')),
    check(`GET ${hook}/config`, 200, withHook('GET', '/config')),
    check(`PATCH ${hook}/config`, 200, withHook('PATCH', '/config', { content_type: 'form' })),
    check(`POST ${hook}/pings`, 204, withHook('POST', '/pings')),
    check(`GET ${hook}/deliveries`, 200, withHook('GET', '/deliveries')),
    check(`GET ${hook}/deliveries`, 422, withHook('GET', '/deliveries?status=none')),
    check(`GET ${hook}/deliveries/{delivery_id}`, 200, async (c) => c.call('GET', (await hooked(c, owner)).delivery)),
    check(`POST ${hook}/deliveries/{delivery_id}/attempts`, 202, async (c) => {
      return c.call('POST', `${(await hooked(c, owner)).delivery}/attempts`)
    }),
  ]
}

const ruleset = {
  name: 'More',
  target: 'branch',
  enforcement: 'active',
  conditions: { ref_name: { include: ['refs/heads/release/*'], exclude: [] } },
  rules: [
    {
      type: 'required_status_checks',
      parameters: {
        strict_required_status_checks_policy: false,
        required_status_checks: [{ context: 'ci' }],
      },
    },
  ],
}
const bytes = Buffer.from('new').toString('base64')
const manual = { redirect: 'manual' as const }

const RUNS = `${R}/actions/runs/{run_id}`
const ENVIRONMENT = `${R}/environments/{environment_name}`
const WORKFLOW = `${R}/actions/workflows/{workflow_id}`

const checks: Check[] = [
  check('GET /', 200, (c) => c.call('GET', '/api/v3')),
  check('GET /zen', 200, (c) => c.call('GET', '/zen')),
  check('GET /user', 200, (c) => c.call('GET', '/user')),
  check('GET /user', 401, (c) => c.call('GET', '/user', undefined, { token: null })),
  check('GET /rate_limit', 200, (c) => c.call('GET', '/rate_limit')),
  check('POST /user/repos', 201, (c) => c.call('POST', '/user/repos', { name: 'mine', auto_init: true })),
  check('POST /user/repos', 422, (c) => c.call('POST', '/user/repos', { name: 'in valid' })),
  check('POST /orgs/{org}/repos', 201, (c) => c.call('POST', '/orgs/acme/repos', { name: 'new', private: true })),
  check('GET /user/repos', 200, (c) => c.call('GET', '/user/repos?per_page=1')),
  check('GET /user/repos', 401, (c) => c.call('GET', '/user/repos', undefined, { token: null })),
  check('GET /orgs/{org}/repos', 200, (c) => c.call('GET', '/orgs/acme/repos')),
  check('GET /users/{username}/repos', 200, (c) => c.call('GET', '/users/acme/repos')),
  check(`GET ${R}/topics`, 200, (c) => c.call('GET', `${repo}/topics`)),
  check(`PUT ${R}/topics`, 200, (c) => c.call('PUT', `${repo}/topics`, { names: ['payments'] })),
  check(`PUT ${R}/topics`, 422, (c) => c.call('PUT', `${repo}/topics`, { names: ['not a topic'] })),
  check(`GET ${R}`, 200, (c) => c.call('GET', repo)),
  check(`GET ${R}`, 404, (c) => c.call('GET', '/repos/acme/none')),
  check(`GET ${R}`, 301, (c) => {
    c.sandbox.admin.renameRepository('acme/lib', 'renamed')
    const headers = { authorization: `Bearer ${c.sandbox.token}` }
    return c.sandbox.fetch(new Request(`http://127.0.0.1${repo}`, { headers, ...manual }))
  }),
  check(`POST ${R}/forks`, 202, (c) => c.call('POST', `${repo}/forks`)),
  check(`GET ${R}/forks`, 200, async (c) => {
    await c.sandbox.admin.forkRepository('acme/lib', 'someone/lib')
    return c.call('GET', `${repo}/forks`)
  }),
  check(`GET ${R}/activity`, 200, (c) => c.call('GET', `${repo}/activity?ref=DPTA-1`)),
  check(`GET ${R}/activity`, 422, (c) => c.call('GET', `${repo}/activity?activity_type=none`)),
  check(`GET ${R}/branches`, 200, (c) => c.call('GET', `${repo}/branches`)),
  check(`GET ${R}/branches/{branch}`, 200, (c) => c.call('GET', `${repo}/branches/DPTA-1`)),
  check(`GET ${R}/branches/{branch}`, 404, (c) => c.call('GET', `${repo}/branches/none`)),
  check(`GET ${R}/git/ref/{ref}`, 200, (c) => c.call('GET', `${repo}/git/ref/heads/main`)),
  check(`GET ${R}/git/ref/{ref}`, 404, (c) => c.call('GET', `${repo}/git/ref/heads/none`)),
  check(`GET ${R}/git/matching-refs/{ref}`, 200, (c) => c.call('GET', `${repo}/git/matching-refs/heads/D`)),
  check(`POST ${R}/git/refs`, 201, (c) => c.call('POST', `${repo}/git/refs`, { ref: 'refs/heads/x', sha: c.head })),
  check(`POST ${R}/git/refs`, 422, (c) => c.call('POST', `${repo}/git/refs`, { ref: 'refs/heads/main', sha: c.head })),
  check(`PATCH ${R}/git/refs/{ref}`, 200, (c) => c.call('PATCH', `${repo}/git/refs/heads/main`, { sha: c.head })),
  check(`DELETE ${R}/git/refs/{ref}`, 204, (c) => c.call('DELETE', `${repo}/git/refs/heads/DPTA-1`)),
  check(`DELETE ${R}/git/refs/{ref}`, 422, (c) => c.call('DELETE', `${repo}/git/refs/heads/none`)),
  check(`POST ${R}/statuses/{sha}`, 201, (c) => {
    const status = { state: 'success', context: 'x', description: 'd', target_url: 'http://127.0.0.1/' }
    return c.call('POST', `${repo}/statuses/${c.head}`, status)
  }),
  check(`GET ${R}/commits/{ref}/statuses`, 200, (c) => c.call('GET', `${repo}/commits/DPTA-1/statuses`)),
  check(`GET ${R}/commits/{ref}/status`, 200, (c) => c.call('GET', `${repo}/commits/${c.head}/status`)),
  check(`GET ${R}/commits`, 200, (c) => c.call('GET', `${repo}/commits?sha=DPTA-1`)),
  check(`GET ${R}/commits`, 409, async (c) => {
    await c.sandbox.admin.createRepository('acme/empty')
    return c.call('GET', '/repos/acme/empty/commits')
  }),
  check(`GET ${R}/commits/{ref}`, 200, (c) => c.call('GET', `${repo}/commits/DPTA-1`)),
  check(`GET ${R}/commits/{ref}`, 422, (c) => c.call('GET', `${repo}/commits/none`)),
  check(`GET ${R}/commits/{commit_sha}/pulls`, 200, (c) => c.call('GET', `${repo}/commits/${c.head}/pulls`)),
  check(`GET ${R}/compare/{basehead}`, 200, (c) => c.call('GET', `${repo}/compare/main...DPTA-1`)),
  check(`GET ${R}/compare/{basehead}`, 404, (c) => c.call('GET', `${repo}/compare/main...none`)),
  check(`GET ${R}/contents/{path}`, 200, (c) => c.call('GET', `${repo}/contents/README.md`)),
  check(`GET ${R}/contents/{path}`, 200, (c) => c.call('GET', `${repo}/contents/src?ref=DPTA-1`)),
  check(`GET ${R}/contents/{path}`, 404, (c) => c.call('GET', `${repo}/contents/none`)),
  check(`PUT ${R}/contents/{path}`, 201, (c) =>
    c.call('PUT', `${repo}/contents/new.txt`, { message: 'm', content: bytes, branch: 'DPTA-1' }),
  ),
  check(`PUT ${R}/contents/{path}`, 200, async (c) => {
    const sha = at((await c.json('GET', `${repo}/contents/README.md`)).body, 'sha')
    return c.call('PUT', `${repo}/contents/README.md`, { message: 'm', content: bytes, branch: 'main', sha })
  }),
  check(`PUT ${R}/contents/{path}`, 409, (c) =>
    c.call('PUT', `${repo}/contents/README.md`, { message: 'm', content: bytes, sha: 'a'.repeat(40) }),
  ),
  check(`DELETE ${R}/contents/{path}`, 200, async (c) => {
    const sha = at((await c.json('GET', `${repo}/contents/README.md`)).body, 'sha')
    return c.call('DELETE', `${repo}/contents/README.md`, { message: 'm', sha })
  }),
  check(`GET ${R}/pulls`, 200, (c) => c.call('GET', `${repo}/pulls?state=all`)),
  check(`POST ${R}/pulls`, 201, async (c) => {
    await c.sandbox.admin.commit('acme/lib', 'DPTA-2', { b: 'b' })
    return c.call('POST', `${repo}/pulls`, { title: 't', head: 'DPTA-2', base: 'main', draft: true })
  }),
  check(`POST ${R}/pulls`, 422, (c) => c.call('POST', `${repo}/pulls`, { title: 't', head: 'DPTA-1', base: 'main' })),
  check(`GET ${R}/pulls/{pull_number}`, 200, (c) => c.call('GET', `${repo}/pulls/1`)),
  check(`GET ${R}/pulls/{pull_number}`, 404, (c) => c.call('GET', `${repo}/pulls/99`)),
  check(`PATCH ${R}/pulls/{pull_number}`, 200, (c) => c.call('PATCH', `${repo}/pulls/1`, { state: 'closed' })),
  check(`PATCH ${R}/pulls/{pull_number}`, 422, (c) => c.call('PATCH', `${repo}/pulls/1`, { state: 'gone' })),
  check(`PUT ${R}/pulls/{pull_number}/merge`, 405, (c) => c.call('PUT', `${repo}/pulls/1/merge`)),
  check(`PUT ${R}/pulls/{pull_number}/merge`, 409, (c) =>
    c.call('PUT', `${repo}/pulls/1/merge`, { sha: 'a'.repeat(40) }),
  ),
  check(`PUT ${R}/pulls/{pull_number}/merge`, 200, async (c) => {
    await c.call('POST', `${repo}/statuses/${c.head}`, { state: 'success', context: 'orchestrator-build' })
    return c.call('PUT', `${repo}/pulls/1/merge`, { sha: c.head })
  }),
  check(`GET ${R}/rulesets`, 200, (c) => c.call('GET', `${repo}/rulesets`)),
  check(`POST ${R}/rulesets`, 201, (c) => c.call('POST', `${repo}/rulesets`, ruleset)),
  check(`GET ${R}/rulesets/{ruleset_id}`, 200, (c) => c.call('GET', `${repo}/rulesets/${c.rulesetId}`)),
  check(`PUT ${R}/rulesets/{ruleset_id}`, 200, (c) => c.call('PUT', `${repo}/rulesets/${c.rulesetId}`, ruleset)),
  check(`DELETE ${R}/rulesets/{ruleset_id}`, 204, (c) => c.call('DELETE', `${repo}/rulesets/${c.rulesetId}`)),
  check(`GET ${R}/rules/branches/{branch}`, 200, (c) => c.call('GET', `${repo}/rules/branches/main`)),
  check(`POST ${R}/dispatches`, 204, (c) => c.call('POST', `${repo}/dispatches`, { event_type: 'go' })),
  check(`POST ${R}/dispatches`, 422, (c) => c.call('POST', `${repo}/dispatches`, {})),
  check(`GET ${R}/actions/workflows`, 200, (c) => c.call('GET', `${repo}/actions/workflows`)),
  check(`GET ${WORKFLOW}`, 200, (c) => c.call('GET', `${repo}/actions/workflows/build.yml`)),
  check(`PUT ${WORKFLOW}/disable`, 204, (c) => c.call('PUT', `${repo}/actions/workflows/build.yml/disable`)),
  check(`PUT ${WORKFLOW}/enable`, 204, (c) => c.call('PUT', `${repo}/actions/workflows/build.yml/enable`)),
  check(`POST ${WORKFLOW}/dispatches`, 204, (c) => c.call('POST', dispatches, { ref: 'main' })),
  check(`POST ${WORKFLOW}/dispatches`, 200, (c) =>
    c.call('POST', dispatches, { ref: 'main', return_run_details: true }),
  ),
  check(`GET ${WORKFLOW}/runs`, 200, (c) => c.call('GET', `${repo}/actions/workflows/build.yml/runs`)),
  check(`GET ${R}/actions/runs`, 200, (c) => c.call('GET', `${repo}/actions/runs`)),
  check(`GET ${RUNS}`, 200, (c) => c.call('GET', `${repo}/actions/runs/${c.completed}`)),
  check(`GET ${RUNS}/attempts/{attempt_number}`, 200, async (c) => {
    await c.call('POST', `${repo}/actions/runs/${c.completed}/rerun`)
    return c.call('GET', `${repo}/actions/runs/${c.completed}/attempts/1`)
  }),
  check(`GET ${RUNS}/attempts/{attempt_number}/jobs`, 200, (c) =>
    c.call('GET', `${repo}/actions/runs/${c.completed}/attempts/1/jobs`),
  ),
  check(`GET ${RUNS}/attempts/{attempt_number}/jobs`, 404, (c) =>
    c.call('GET', `${repo}/actions/runs/${c.completed}/attempts/9/jobs`),
  ),
  check(`POST ${RUNS}/cancel`, 202, (c) => c.call('POST', `${repo}/actions/runs/${c.running}/cancel`)),
  check(`POST ${RUNS}/cancel`, 409, (c) => c.call('POST', `${repo}/actions/runs/${c.completed}/cancel`)),
  check(`POST ${RUNS}/force-cancel`, 202, (c) => c.call('POST', `${repo}/actions/runs/${c.running}/force-cancel`)),
  check(`POST ${RUNS}/force-cancel`, 409, (c) => c.call('POST', `${repo}/actions/runs/${c.completed}/force-cancel`)),
  check(`POST ${RUNS}/rerun`, 201, (c) => c.call('POST', `${repo}/actions/runs/${c.completed}/rerun`)),
  check(`POST ${RUNS}/rerun-failed-jobs`, 201, (c) =>
    c.call('POST', `${repo}/actions/runs/${c.completed}/rerun-failed-jobs`),
  ),
  check(`GET ${RUNS}/jobs`, 200, (c) => c.call('GET', `${repo}/actions/runs/${c.running}/jobs`)),
  check(`GET ${RUNS}/pending_deployments`, 200, async (c) => {
    await deploys(c)
    return c.call('GET', `${repo}/actions/runs/${c.running}/pending_deployments`)
  }),
  check(`POST ${RUNS}/pending_deployments`, 200, async (c) => {
    const review = { environment_ids: [await deploys(c)], state: 'approved', comment: '' }
    return c.call('POST', `${repo}/actions/runs/${c.running}/pending_deployments`, review)
  }),
  check(`GET ${RUNS}/approvals`, 200, async (c) => {
    const review = { environment_ids: [await deploys(c)], state: 'rejected', comment: 'Not on a Friday.' }
    await c.call('POST', `${repo}/actions/runs/${c.running}/pending_deployments`, review)
    return c.call('GET', `${repo}/actions/runs/${c.running}/approvals`)
  }),
  check(`GET ${R}/environments`, 200, (c) => {
    c.sandbox.admin.setEnvironment('acme/lib', 'production', { reviewers: ['developer'], waitTimer: 5 })
    return c.call('GET', `${repo}/environments`)
  }),
  check(`GET ${ENVIRONMENT}`, 200, async (c) => {
    await deploys(c)
    return c.call('GET', `${repo}/environments/production`)
  }),
  check(`PUT ${ENVIRONMENT}`, 200, (c) => c.call('PUT', `${repo}/environments/production`, { wait_timer: 5 })),
  check(`PUT ${ENVIRONMENT}`, 422, (c) => c.call('PUT', `${repo}/environments/production`, { wait_timer: -5 })),
  check(`DELETE ${ENVIRONMENT}`, 204, async (c) => {
    await deploys(c)
    return c.call('DELETE', `${repo}/environments/production`)
  }),
  ...appChecks,
  ...commentChecks,
  ...hookChecks(R, 'acme/lib'),
  ...hookChecks('/orgs/{org}', 'acme'),
  check(`POST ${R}/hooks/{hook_id}/tests`, 204, async (c) =>
    c.call('POST', `${(await hooked(c, 'acme/lib')).hook}/tests`),
  ),
  ...artifactChecks,
  check(`GET ${R}/actions/jobs/{job_id}`, 200, (c) => c.call('GET', `${repo}/actions/jobs/${c.jobId}`)),
  check(`GET ${R}/actions/jobs/{job_id}/logs`, 302, (c) => {
    const headers = { authorization: `Bearer ${c.sandbox.token}` }
    const url = `http://127.0.0.1${repo}/actions/jobs/${c.jobId}/logs`
    return c.sandbox.fetch(new Request(url, { headers, ...manual }))
  }),
]

const PROMISED_HEADERS = [
  'date',
  'x-github-media-type',
  'x-github-request-id',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-used',
  'x-ratelimit-reset',
  'x-ratelimit-resource',
]

describe('sandbox API', () => {
  test.each(checks.map((each) => [each.endpoint, each.status, each] as const))(
    "sandbox API answers %s with %i as GitHub's OpenAPI description says",
    async (endpoint, status, each) => {
      const [method = '', path = ''] = endpoint.split(' ')
      const described = describedAnswers(method, path)?.[String(status)]
      const response = await each.call(await createContents())
      const content = await response.text()

      expect(response.status, content).toBe(status)
      expect(described, `${endpoint} ${status} is not in GitHub's description`).toBeDefined()
      const types = Object.keys(described?.content ?? {})
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      if (types.length === 0) {
        expect(status === 204 ? content : '').toBe('')
      } else {
        expect(types).toContain(type)
        const body: unknown = type === 'application/json' ? JSON.parse(content) : content
        expect(bodyProblems({ method, path, status, type }, body)).toEqual([])
      }
      const missing = PROMISED_HEADERS.filter((name) => !response.headers.has(name))
      expect(missing).toEqual([])
      expect(response.headers.has('etag')).toBe(method === 'GET' && status === 200)
      if (described?.headers?.includes('Location') === true) expect(response.headers.has('location')).toBe(true)
    },
  )

  test('sandbox API has a check of a successful answer for every endpoint', () => {
    const checked = new Set(checks.filter(({ status }) => status < 400).map(({ endpoint }) => endpoint))
    const served = servedEndpoints().map(({ method, path }) => `${method} ${path}`)

    expect(served.filter((endpoint) => !checked.has(endpoint))).toEqual([])
    expect([...checked].filter((endpoint) => !served.includes(endpoint))).toEqual([])
  })

  test('bodyProblems reports a missing field and a field of another type', () => {
    const endpoint = { method: 'GET', path: R, status: 200, type: 'application/json' }

    expect(bodyProblems(endpoint, { id: 'x' })).toContain('/id must be integer {"type":"integer"}')
    expect(bodyProblems(endpoint, {})).toContainEqual(expect.stringMatching(/must have required property 'full_name'/))
  })
})
