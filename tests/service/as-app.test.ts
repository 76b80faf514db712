import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseOfService } from '../support/databases.js'
import { openTraceCollector, type TraceCollector } from '../support/trace-collector.js'
import { AppWorld, until, type ServiceProcess } from './support/app-world.js'

describe('a service that is a GitHub App of two organizations', () => {
  let world: AppWorld
  let service: ServiceProcess
  let collector: TraceCollector
  let database: Awaited<ReturnType<typeof databaseOfService>>

  beforeAll(async () => {
    world = await AppWorld.open()
    world.install('acme', 'web')
    database = await databaseOfService()
    collector = await openTraceCollector()
    service = await serve({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' })
  }, 180_000)
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
    await world[Symbol.asyncDispose]()
  })

  const serve = (env: Record<string, string> = {}): Promise<ServiceProcess> => world.serve({ ...database.env, ...env })

  /** Opens a change, has it built on a comment, and returns the numbers of its pull requests. */
  async function greenChange(branch: string): Promise<[lib: number, shop: number]> {
    const [lib = 0, shop = 0] = await world.change(branch)
    await world.untilStatus(branch, 'pending by orch[bot]')
    await world.ask('POST', `/repos/web/shop/issues/${shop}/comments`, { body: '/orch run' })
    await world.untilStatus(branch, 'success by orch[bot]')
    return [lib, shop]
  }

  test('a change over both is locked, built and unlocked by the App, whose own events are not foreign', async () => {
    const [lib, shop] = await greenChange('DPTA-1')
    await service.untilResult(/^issue_comment: run DPTA-1: /u)
    await service.untilResult(/^workflow_run: (?!the run was not|the workflow is not)/u)
    await service.untilResult(/^status: it is a status of another context/u)

    expect(await world.actors()).toEqual(['orch[bot]', 'orch[bot]'])
    const ofStatuses = (await service.results()).filter((result) => result.startsWith('status: '))
    expect(new Set(ofStatuses)).toEqual(
      new Set(['status: orch posted it', 'status: it is a status of another context']),
    )
    // The ruleset counts the status of the App alone.
    expect((await world.ask('PUT', `/repos/acme/lib/pulls/${lib}/merge`)).status).toBe(200)
    expect((await world.ask('PUT', `/repos/web/shop/pulls/${shop}/merge`)).status).toBe(200)
  })

  test('the trace of a comment leads from its delivery to the workload and the orchestration', async () => {
    const find = (name: string, key: string, value: string) =>
      collector.spans.find((span) => span.name === name && span.attributes[key] === value)
    await until('the trace of the run', () =>
      Promise.resolve({ isDone: find('orchestration', 'branch', 'DPTA-1') !== undefined, seen: collector.spans }),
    )

    const orchestration = find('orchestration', 'branch', 'DPTA-1')
    const delivery = collector.spans.find(({ spanId }) => spanId === orchestration?.parentSpanId)
    expect(delivery).toMatchObject({
      name: 'delivery',
      traceId: orchestration?.traceId,
      attributes: { event: 'issue_comment', repository: 'web/shop' },
    })
    const { orchestrations } = (await service.read('/changes/DPTA-1')) as { orchestrations: { id: string }[] }
    expect(orchestration?.attributes).toMatchObject({
      workload: expect.stringMatching(/^comment:web\/shop:\d+$/u) as string,
      orchestration: orchestrations[0]?.id,
    })
    const { items } = (await service.read('/deliveries?limit=100')) as { items: { id: string; event: string }[] }
    expect(items.find(({ id }) => id === delivery?.attributes['delivery'])?.event).toBe('issue_comment')
  })

  test('a success by a person does not unlock what the App has locked, and is put back', async () => {
    const [lib = 0] = await world.change('DPTA-2')
    await world.untilStatus('DPTA-2', 'pending by orch[bot]')
    const sha = (await world.sandbox.admin.branch('acme/lib', 'DPTA-2')) ?? ''

    await world.ask('POST', `/repos/acme/lib/statuses/${sha}`, { state: 'success', context: 'orchestrator-build' })

    expect((await world.ask('PUT', `/repos/acme/lib/pulls/${lib}/merge`)).status).toBe(405)
    await service.untilResult(/^status: .*developer/u)
    await world.untilStatus('DPTA-2', 'pending by orch[bot]', ['acme/lib'])
    expect((await world.statuses('acme/lib', 'DPTA-2')).slice(-2)).toEqual([
      'success by developer',
      'pending by orch[bot]',
    ])
  })

  test('the App has one comment on a pull request, which it updates, and a check run on the head', async () => {
    const [, shop] = await greenChange('DPTA-3')
    await world.untilComment(shop, /The run has completed\.[^]*succeeded: /u)
    await world.ask('POST', `/repos/web/shop/issues/${shop}/comments`, { body: '/orch status' })
    await service.untilResult(/^issue_comment: status DPTA-3: /u)

    const { body } = await world.ask('GET', `/repos/web/shop/issues/${shop}/comments`)
    const own = (body as { user: { login: string }; body: string }[]).filter(({ user }) => user.login === 'orch[bot]')
    expect(own).toEqual([expect.objectContaining({ body: expect.stringContaining('/orch status') as string })])
    await world.untilCheckRun('DPTA-3', 'orch by orch: success')
  })

  test('a delivery that failed while the service was down is read from the webhook of the App at the next start', async () => {
    await greenChange('DPTA-4')
    expect(await service.stop()).toMatchObject({ code: 0 })
    await world.sandbox.admin.commit('web/shop', 'DPTA-4', { 'change.txt': 'another\n' })
    await world.sandbox.webhooks.idle()
    expect((await world.statuses('acme/lib', 'DPTA-4')).at(-1)).toBe('success by orch[bot]')

    service = await serve()

    await world.untilStatus('DPTA-4', 'pending by orch[bot]')
  })

  test('a push while one of the installations is suspended locks what it can, and the rest once the suspension ends', async () => {
    await greenChange('DPTA-5')
    world.sandbox.admin.suspendApp('orch', 'web')
    await world.sandbox.admin.commit('acme/lib', 'DPTA-5', { 'change.txt': 'another\n' })
    await world.untilStatus('DPTA-5', 'pending by orch[bot]', ['acme/lib'])
    expect((await world.statuses('web/shop', 'DPTA-5')).at(-1)).toBe('success by orch[bot]')

    world.sandbox.admin.suspendApp('orch', 'web', false)

    await world.untilStatus('DPTA-5', 'pending by orch[bot]')
  })

  test('a merge queue, and a repository_dispatch, which GitHub sends to Apps alone, are answered', async () => {
    const queue = ['web/shop'] as const
    const [, shop] = await greenChange('DPTA-6')
    const { admin } = world.sandbox
    // Another required status keeps the group in the queue while ours changes.
    admin.requireStatus('web/shop', 'e2e')
    admin.requireMergeQueue('web/shop')
    const head = (await admin.branch('web/shop', 'DPTA-6')) ?? ''
    await world.ask('POST', `/repos/web/shop/statuses/${head}`, { state: 'success', context: 'e2e' })

    await world.enqueue('web/shop', shop)
    const first = await world.groupOf('web/shop', shop)
    await world.untilStatus(first, 'success by orch[bot]', queue)

    await admin.commit('acme/lib', 'DPTA-6', { 'change.txt': 'another\n' })
    await world.untilStatus(first, 'pending by orch[bot]', queue)
    // The queue builds another group for the new base, while the change is locked.
    await admin.commit('web/shop', 'main', { 'other.txt': 'x\n' })
    const second = await world.groupOf('web/shop', shop, first)
    await world.untilStatus(second, 'pending by orch[bot]', queue)

    const run = { event_type: 'orch-run', client_payload: { branch: 'DPTA-6' } }
    expect((await world.ask('POST', '/repos/acme/lib/dispatches', run)).status).toBe(204)
    await world.untilStatus(second, 'success by orch[bot]', queue)

    await admin.commit('acme/lib', 'DPTA-6', { 'change.txt': 'broken\n' })
    world.builds.script('acme/lib', 'build.yml').concludes('failure')
    await world.ask('POST', '/repos/acme/lib/dispatches', run)
    await world.untilStatus(second, 'failure by orch[bot]', queue)
    expect((await world.statuses('web/shop', second)).slice(0, 2)).toEqual([
      'pending by orch[bot]',
      'success by orch[bot]',
    ])
  })

  test('a private key that is deleted while the service runs is reported with what to do, and a new key loses nothing', async () => {
    const [, shop] = await greenChange('DPTA-7')
    await world.replaceKey()
    // The tokens of installations outlive the key. A new permission makes the service get new ones.
    world.sandbox.admin.suspendApp('orch', 'acme')
    world.sandbox.admin.suspendApp('orch', 'acme', false)
    await service.untilReadiness(503, /the GitHub App \d+ could not log in: .*create a new private key on the page/u)

    await world.sandbox.admin.commit('acme/lib', 'DPTA-7', { 'change.txt': 'another\n' })
    await world.ask('POST', `/repos/web/shop/issues/${shop}/comments`, { body: '/orch run' })
    await service.untilResult(/^push: not handled/u)
    await service.untilResult(/^issue_comment: not handled/u)
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
    const { code, stdout, stderr } = await service.stop()
    expect(code).toBe(0)
    expect(stdout).toContain('GitHub refuses the login of the service: deliveries are stored, and work waits')
    expect(`${stdout}${stderr}`).not.toMatch(/PRIVATE KEY|ghs_/u)

    service = await serve()

    await world.untilStatus('DPTA-7', 'success by orch[bot]')
    await service.untilReadiness(200, /ready/u)
    await service.untilHandled()
  })

  test('no key, secret or token of an installation is in the log', async () => {
    const { stdout, stderr } = await service.stop()

    expect(`${stdout}${stderr}`).not.toMatch(/PRIVATE KEY|ghs_/u)
    expect(`${stdout}${stderr}`).not.toContain(world.app.webhookSecret)
  })
})
