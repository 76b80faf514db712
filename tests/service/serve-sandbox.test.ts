import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FlowRunJson } from '../../src/client/index.js'
import { createFlowClient } from '../../src/client/index.js'
import { runBuilt } from '../cli/support/built-command.js'
import { shell } from '../cli/support/shell.js'
import { oneJobGraph, WorkFolder } from '../cli/support/work-folder.js'
import { nodeStep } from '../support/flow-client-contract.js'
import { apiToken, deliver, Developer, eventually, startServe } from './support/serve-command.js'
import type { ServeCommand } from './support/serve-command.js'

const branch = 'DPTA-1122'
const hmacSecret = 'the-secret-that-programs-sign-with'
const members = ['ismenablement/repoB', 'ismenablement/repoD']

/** Without repoA the example is not whole, so that the sandbox fills the repositories with small files and builds. */
const graph = `version: 1
owner: ismenablement
branches: DPTA-*
status-context: orchestrator-build
jobs:
  repoB: {}
  repoD: {}
  repoE: { needs: [repoB, repoD] }
`

interface WorkloadItem {
  id: string
  kind: string
  status: string
  change: string
  endedAt: string | null
}

/** The tests are steps of one story: each goes on where the one before has ended. */
describe('orch serve --sandbox', { timeout: 300_000, concurrent: false }, () => {
  let folder: WorkFolder
  let service: ServeCommand
  let developer: Developer

  beforeAll(async () => {
    folder = await WorkFolder.open(graph)
    service = await startServe(folder.path, { flags: ['--sandbox'], env: { ORCH_HMAC_SECRET: hmacSecret } })
    developer = await Developer.of(service, folder.path)
  }, 300_000)
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  })

  const workloads = async (): Promise<WorkloadItem[]> =>
    ((await service.json('/workloads')) as { items: WorkloadItem[] }).items

  /** The newest status of each member starts with these words. */
  const untilAll = (words: string, repos = members): Promise<string[]> =>
    eventually(`${words} on ${repos.join(' and ')}`, async () => {
      const newest = await Promise.all(repos.map(async (repo) => (await developer.statuses(repo, branch))[0] ?? ''))
      return newest.every((status) => status.startsWith(words)) ? newest : null
    })

  const clone = async (repo: string): Promise<void> => {
    await shell(folder.path, `git clone --quiet ${developer.remote(repo)}`)
  }
  const push = async (repo: string, message: string): Promise<void> => {
    const name = repo.split('/')[1] ?? repo
    await shell(
      folder.path,
      `cd ${name} && git switch --quiet --force-create ${branch} &&
       git commit --quiet --allow-empty -m '${message}' && git push --quiet origin ${branch}`,
    )
  }
  const openPull = (repo: string): Promise<unknown> =>
    developer.rest('POST', `/repos/${repo}/pulls`, { title: 'A change', head: branch, base: 'main' })

  test('the first line of stdout says where it listens, on this machine only', () => {
    expect(service.announcement).toEqual({
      type: 'listening',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/u) as string,
      sandbox: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/u) as string,
      loginUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/login\?key=[\w-]{20,}$/u) as string,
    })
  })

  test('without a login there are health, readiness and the login, and everything else is 401', async () => {
    const status = async (path: string, accept = 'application/json'): Promise<[string, number]> => [
      path,
      (await fetch(`${service.url}${path}`, { headers: { accept }, redirect: 'manual' })).status,
    ]
    for (const path of ['/healthz', '/readyz', '/login']) expect(await status(path)).toEqual([path, 200])
    const closed = [
      '/',
      '/metrics',
      '/workloads',
      '/workers',
      '/changes',
      '/deliveries',
      '/events',
      '/runs',
      '/flows',
      '/updates',
      '/nothing',
    ]
    for (const path of closed) expect(await status(path)).toEqual([path, 401])
    const page = await fetch(`${service.url}/changes`, { headers: { accept: 'text/html' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([401, 'text/html; charset=UTF-8'])
    expect(await page.text()).toContain('<form')
  })

  test('the login link works once', async () => {
    const link = service.announcement['loginUrl'] ?? ''
    const opened = await fetch(link, { redirect: 'manual' })
    expect(opened.status).toBe(303)
    const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const page = await fetch(`${service.url}/changes`, { headers: { cookie, accept: 'text/html' } })
    expect(page.status).toBe(200)
    const again = await fetch(link, { redirect: 'manual', headers: { accept: 'text/html' } })
    expect(again.status).toBe(401)
    expect(await again.text()).toContain('was used before')
  })

  test('a program that signs its requests sends an event and watches the run that it starts', async () => {
    const script = 'console.log(\'ORCH_RESULT {"status": "changed"}\')'
    const flow = ['name: hello', 'on: { event: { types: [greeting] } }', 'steps:', nodeStep(script)].join('\n')
    const directory = join(folder.path, '.orch/flows/hello')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'flow.yaml'), flow)
    const client = createFlowClient({ mode: 'http', baseUrl: service.url, hmacSecret })
    const { runs } = await client.dispatchEvent({ id: 'e', type: 'greeting', source: 'test', payload: null })
    let last: FlowRunJson | null = null
    for await (const run of client.watchRun(runs[0]?.id ?? '')) last = run
    expect(last).toMatchObject({ flow: 'hello', status: 'completed', effectiveStatus: 'changed' })
    await client.replayEvent('e')
    expect((await client.getRun(runs[0]?.id ?? '')).attempts).toHaveLength(2)
  })

  test('a change that is pushed by git is locked, built and unlocked without a further command', async () => {
    for (const repo of members) {
      await clone(repo)
      await push(repo, 'A change')
      await openPull(repo)
    }
    await untilAll('pending')
    const pages = await service.get(`/changes/${branch}`, { accept: 'text/html' })
    expect([pages.status, await pages.text()]).toEqual([200, expect.stringContaining('repoB')])
    await untilAll('success')
    const [workload] = await eventually('the workload has ended', async () => {
      const all = await workloads()
      return all.every(({ endedAt }) => endedAt !== null) ? all : null
    })
    expect(workload).toMatchObject({ kind: 'workflow', status: 'completed', change: branch })
    const change = await service.get(`/changes/${branch}`, { accept: 'text/html' })
    const text = await change.text()
    for (const repo of members) expect(text).toContain(repo)
    expect(text).toContain('<svg')
    const { orchestrations } = (await service.json(`/changes/${branch}`)) as { orchestrations: { id: string }[] }
    const one = await service.get(`/changes/${branch}/orchestrations/${orchestrations[0]?.id ?? ''}`, {
      accept: 'text/html',
    })
    expect([one.status, await one.text()]).toEqual([200, expect.stringContaining('repoE')])
  })

  test('GET /workloads and GET /workers have the fields of the contract', async () => {
    const list = (await service.json('/workloads')) as { items: Record<string, unknown>[] }
    expect(Object.keys(list).sort()).toEqual(['items', 'nextCursor'])
    const fields = ['change', 'claimedAt', 'createdAt', 'endedAt', 'id', 'kind', 'startedAt', 'status', 'worker']
    for (const item of list.items) expect(Object.keys(item).sort()).toEqual(fields)
    const one = await service.get(`/workloads/${String(list.items[0]?.['id'])}`)
    expect([one.status, await one.json()]).toEqual([200, expect.objectContaining(list.items[0] ?? {})])
    const workers = (await service.json('/workers')) as { items: Record<string, unknown>[] }
    expect(Object.keys(workers)).toEqual(['items'])
    expect(workers.items).toHaveLength(2)
    for (const item of workers.items) {
      expect(Object.keys(item).sort()).toEqual(
        ['heartbeatAt', 'host', 'id', 'pid', 'startedAt', 'state', 'workloads'].sort(),
      )
      expect(item).toMatchObject({ state: 'standby', workloads: [] })
    }
  })

  test('GET /metrics answers the administrator', async () => {
    const answer = await service.get('/metrics')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/u)])
    const text = await answer.text()
    expect(text).toMatch(/^orch_workloads\{status="running"\} 0/mu)
    for (const name of ['orch_workers', 'orch_github_requests_total', 'orch_webhook_lag_seconds'])
      expect(text).toContain(`\n${name}`)
    expect(text).not.toContain(apiToken)
  })

  test('/orch status in a comment is answered by a reaction and by one comment that is updated in place', async () => {
    const repo = members[0] ?? ''
    const [pull] = (await developer.rest('GET', `/repos/${repo}/pulls`)) as { number: number }[]
    const comments = `/repos/${repo}/issues/${pull?.number ?? 0}/comments`
    const answers = async (): Promise<{ body: string; updated_at: string }[]> => {
      const all = (await developer.rest('GET', comments)) as { body: string; updated_at: string }[]
      return all.filter(({ body }) => !body.startsWith('/orch'))
    }
    const ask = async (): Promise<void> => {
      const { id } = (await developer.rest('POST', comments, { body: '/orch status' })) as { id: number }
      const reactions = `/repos/${repo}/issues/comments/${id}/reactions`
      await eventually('a rocket', async () => {
        const all = (await developer.rest('GET', reactions)) as { content: string }[]
        return all.some(({ content }) => content === 'rocket') ? true : null
      })
    }
    await ask()
    expect(await answers()).toEqual([expect.objectContaining({ body: expect.stringContaining(branch) as string })])
    await ask()
    expect(await answers()).toHaveLength(1)
  })

  test('a further commit locks every pull request of the change, which is built again', async () => {
    await push(members[1] ?? '', 'One more')
    await untilAll('pending')
    await untilAll('success')
  })

  test('closing a pull request without merging it locks the others', async () => {
    await developer.rest('PATCH', `/repos/${members[1] ?? ''}/pulls/1`, { state: 'closed' })
    await untilAll('pending', members.slice(0, 1))
  })

  test('webhooks are refused or accepted with the right answer', async () => {
    const { url } = service
    const body = JSON.stringify({ zen: 'Design for failure.', repository: { full_name: 'other/repository' } })
    const status = async (answer: Promise<Response>): Promise<[number, string | null]> => {
      const { status: code, headers } = await answer
      return [code, headers.get('content-type')]
    }
    const problem = 'application/problem+json'
    expect(await status(deliver(url, { id: 'unsigned-1', body, signature: null }))).toEqual([401, problem])
    expect(await status(deliver(url, { id: 'wrong-1', body, signature: `sha256=${'0'.repeat(64)}` }))).toEqual([
      401,
      problem,
    ])
    for (const event of ['push', 'push', 'an_unknown_event']) {
      const answer = await deliver(url, { id: `other-${event.length}`, body, event })
      expect([event, answer.status]).toEqual([event, 202])
    }
    expect(await status(deliver(url, { id: 'malformed-1', body: '{"a":' }))).toEqual([400, problem])
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(await status(deliver(url, { id: 'deep-1', body: `{"a":${deep}}` }))).toEqual([400, problem])
    const form = { body: `payload=${encodeURIComponent(body)}`, contentType: 'application/x-www-form-urlencoded' }
    expect((await deliver(url, { id: 'form-1', ...form })).status).toBe(202)
    const large = `{"a":"${'a'.repeat(25 * 1024 * 1024)}"}`
    expect(await status(deliver(url, { id: 'large-1', body: large }))).toEqual([413, problem])
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
  })

  test('a token of GitHub logs its user in, whose permissions GitHub is asked for', async () => {
    const headers = { authorization: `Bearer ${developer.token}` }
    expect((await service.get('/workers', headers)).status).toBe(200)
    const answer = await fetch(`${service.url}/changes/DPTA-1122/cancel`, { method: 'POST', headers })
    expect(answer.status).toBe(200)
  })

  test('twenty wrong tokens limit an address, and the right token works also then', async () => {
    const wrong = (): Promise<Response> => service.get('/workers', { authorization: 'Bearer a-wrong-token' })
    const answers: Response[] = []
    for (let count = 0; count < 21; count += 1) answers.push(await wrong())
    expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 401))
    expect(answers[20]?.status).toBe(429)
    expect(Number(answers[20]?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await service.get('/workers')).status).toBe(200)
  })

  test('a second service in the same folder is refused with the process of the first', async () => {
    const second = await runBuilt(['serve', '--sandbox', '--port', '0'], { cwd: folder.path })
    expect(second).toMatchObject({ code: 1, stdout: '' })
    expect(second.stderr).toMatch(/as process \d+ on http:\/\/127\.0\.0\.1:\d+/u)
    expect(second.stderr).toMatch(/stop it: kill \d+/u)
    expect((await service.get('/workers')).status).toBe(200)
  })

  test('SIGTERM ends it within ten seconds with code 0, and a restart keeps what was', async () => {
    const before = await workloads()
    const sentAt = performance.now()
    service.signal('SIGTERM')
    expect(await service.ended).toMatchObject({ code: 0, signal: null })
    expect(performance.now() - sentAt).toBeLessThan(10_000)
    service = await startServe(folder.path, { flags: ['--sandbox'] })
    developer = await Developer.of(service, folder.path)
    const ids = (await workloads()).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(before.map(({ id }) => id)))
    const { items } = (await service.json('/deliveries')) as { items: { id: string }[] }
    expect(items.map(({ id }) => id)).toContain('form-1')
    const hooks = (await developer.rest('GET', `/repos/${members[0] ?? ''}/hooks`)) as { config: { url: string } }[]
    expect(hooks.map(({ config }) => config.url)).toEqual([`${service.url}/webhooks/github`])
  })
})

describe.concurrent('a service that cannot start', { timeout: 120_000 }, () => {
  test('without a webhook secret it ends with code 2 and says what to do', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const ended = await runBuilt(['serve', '--port', '0'], { cwd: folder.path })
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('there is no webhook secret')
    expect(ended.stderr).toContain('orch serve --sandbox')
  })

  test('a port that is taken is reported with what to do', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const port = String((server.address() as AddressInfo).port)
      const ended = await runBuilt(['serve', '--sandbox', '--port', port], { cwd: folder.path })
      expect(ended).toMatchObject({ code: 1, stdout: '' })
      expect(ended.stderr).toContain(`port ${port} of 127.0.0.1 is taken`)
      expect(ended.stderr).toContain('--port')
    } finally {
      server.close()
    }
  })
})
