import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catchUp, keepUp } from '../../src/service/deliveries/catch-up.js'
import type { Database } from '../../src/service/database/database.js'
import { embeddedRoom } from '../support/databases.js'
import type { DatabaseRoom } from '../support/databases.js'
import { WebhookWorld } from './support/webhook-world.js'

let room: DatabaseRoom
let database: Database

beforeAll(async () => {
  room = await embeddedRoom()
  database = await room.create()
}, 120_000)

afterAll(() => room.close())

const branch = 'DPTA-1'

async function catchUpIn(world: WebhookWorld): Promise<number> {
  const { host, graph, clock, log, service } = world
  const newestAt = await service.newestAt()
  const count = await clock.until(
    catchUp({
      host,
      graph,
      clock,
      log,
      isApp: false,
      newestAt,
      known: (ids) => clock.track(service.known(ids)),
      accept: (delivery) => clock.track(service.accept(delivery)),
      signal: new AbortController().signal,
    }),
  )
  await world.settle()
  return count
}

describe('deliveries that failed while the service was down', () => {
  test('they are read from GitHub at start and handled under their ids, and a second start finds none', async () => {
    await using world = await WebhookWorld.open({ database })
    await world.greenChange(branch, 'repoB', 'repoD')
    await world.clock.advance(3_600_000)
    world.isDown = true
    await world.push('repoB', branch)
    await world.clock.until(world.sandbox.webhooks.idle())
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
    world.isDown = false
    expect(await catchUpIn(world)).toBe(2)
    expect(await world.status('repoD', branch)).toMatch(/^pending inv:ID acme\/repoB was pushed/u)
    expect(await catchUpIn(world)).toBe(0)
  })

  test('they are found on every page of the list', async () => {
    await using world = await WebhookWorld.open({ database })
    world.isDown = true
    for (let push = 0; push < 230; push += 1) await world.push('repoB', branch, `${push}\n`)
    await world.clock.until(world.sandbox.webhooks.idle())
    world.isDown = false
    expect(await catchUpIn(world)).toBeGreaterThanOrEqual(230)
  })

  test('what was delivered long before the last delivery that was received is not read again', async () => {
    await using world = await WebhookWorld.open({ database })
    world.isDown = true
    await world.push('repoB', branch)
    await world.clock.until(world.sandbox.webhooks.idle())
    world.isDown = false
    await world.clock.advance(3_600_000)
    await world.push('repoD', branch)
    await world.settle()
    expect(await catchUpIn(world)).toBe(0)
  })

  test('a delivery that GitHub repeated with success is not handled again', async () => {
    await using world = await WebhookWorld.open({ database })
    await world.settle()
    world.isDown = true
    await world.push('repoB', branch)
    await world.clock.until(world.sandbox.webhooks.idle())
    world.isDown = false
    const [hook] = await hooksOf(world, 'acme/repoB')
    const [failed] = world.sandbox.webhooks.deliveries(hook ?? 0).filter(({ event }) => event === 'push')
    const path = `/repos/acme/repoB/hooks/${hook}/deliveries/${failed?.id}/attempts`
    const headers = { authorization: `Bearer ${world.sandbox.token}` }
    await world.sandbox.fetch(new Request(`http://127.0.0.1:9${path}`, { method: 'POST', headers }))
    await world.settle()
    await database.query('DELETE FROM orch.deliveries')
    const counted = await catchUpIn(world)
    expect(counted).toBe(failedGuids(world, hook ?? 0))
  })

  test('deliveries that were refused while the database was away are read when it is back', async () => {
    await using world = await WebhookWorld.open({ database })
    await world.settle()
    const { host, graph, clock, log, service } = world
    const ending = new AbortController()
    let refusals: number | null = null
    const keeping = keepUp({
      host,
      graph,
      clock,
      log,
      isApp: false,
      newestAt: clock.now(),
      known: (ids) => clock.track(service.known(ids)),
      accept: (delivery) => clock.track(service.accept(delivery)),
      takeRefusals: () => refusals,
      signal: ending.signal,
    })
    await clock.advance(10_000)
    world.isDown = true
    refusals = clock.now()
    await world.push('repoB', branch)
    await clock.until(world.sandbox.webhooks.idle())
    world.isDown = false
    expect(await world.results()).not.toContainEqual(expect.stringContaining('push: '))
    await clock.advance(61_000)
    refusals = null
    await world.settle()
    expect(await world.results()).toContainEqual('push: DPTA-1 did not have to be locked')
    ending.abort()
    await keeping
  })

  test('a token that may not read webhooks is reported, and nothing fails', async () => {
    await using world = await WebhookWorld.open({ database })
    const refusal = { kind: 'forbidden', message: 'this token may not read webhooks' } as const
    const refused = () => Promise.resolve({ ok: false as const, failure: refusal })
    const host = { listHooks: refused, listHookDeliveries: refused, readHookPayload: refused }
    const { graph, clock, log, service } = world
    const count = await catchUp({
      host,
      graph,
      clock,
      log,
      isApp: true,
      newestAt: null,
      known: (ids) => service.known(ids),
      accept: (delivery) => service.accept(delivery),
      signal: new AbortController().signal,
    })
    expect(count).toBe(0)
    // The App, the organization, and five repositories.
    expect(log.lines.filter((line) => line.includes('this token may not read webhooks'))).toHaveLength(7)
  })
})

async function hooksOf({ host, clock }: WebhookWorld, repo: string): Promise<(number | null)[]> {
  const hooks = await clock.until(host.listHooks({ kind: 'repository', repo }))
  return hooks.ok ? hooks.value.map(({ id }) => id) : []
}

/** The number of events of a hook none of whose deliveries succeeded. */
function failedGuids({ sandbox }: WebhookWorld, hook: number): number {
  const deliveries = sandbox.webhooks.deliveries(hook)
  const delivered = new Set(deliveries.filter(({ statusCode }) => statusCode === 202).map(({ guid }) => guid))
  return new Set(deliveries.map(({ guid }) => guid).filter((guid) => !delivered.has(guid))).size
}
