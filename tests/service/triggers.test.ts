import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
const open = (settings = ''): Promise<WebhookWorld> => WebhookWorld.open({ database, settings })

describe('a change whose members are pushed', () => {
  test('the pull requests of a new change are locked before anything was built', async () => {
    await using world = await open()
    await world.change('repoB', branch)
    await world.settle()
    expect(await world.status('repoB', branch)).toMatch(/^pending inv:ID /u)
    expect(world.dispatches()).toEqual([])
  })

  test('a push to one member of a green change locks all of its heads within a second', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB', 'repoD')
    const before = world.clock.now()
    await world.clock.advance(10_000)
    const sha = await world.push('repoB', branch)
    await world.clock.advance(1_000)
    expect(world.clock.now() - before).toBe(11_000)
    const text = `pending inv:ID acme/repoB was pushed to ${sha.slice(0, 7)}`
    expect(await world.status('repoB', branch)).toBe(text)
    expect(await world.status('repoD', branch)).toBe(text)
    await world.settle()
  })

  test('the first event of a change locks it with no time passing, and only what follows waits for five seconds', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB', 'repoD')
    await world.clock.advance(10_000)
    const before = world.clock.now()
    const first = await world.push('repoB', branch)
    await until(async () => (await world.status('repoD', branch)).startsWith('pending '))
    expect(world.clock.now()).toBe(before)
    expect(await world.status('repoD', branch)).toBe(`pending inv:ID acme/repoB was pushed to ${first.slice(0, 7)}`)

    await world.push('repoB', branch, 'second\n')
    await world.clock.advance(4_000)
    expect(await world.status('repoB', branch)).toBe('none')
    await world.clock.advance(2_000)
    expect(await world.status('repoB', branch)).toMatch(/^pending inv:ID acme\/repoB was pushed/u)
  })

  test('twenty pushes to a green change lock it at once, and then at most once in five seconds', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB', 'repoD')
    await world.clock.advance(10_000)
    world.sandbox.requests.length = 0
    for (let push = 0; push < 20; push += 1) await world.push('repoB', branch, `${push}\n`)
    await world.settle()
    const queries = world.sandbox.requests.filter(({ path }) => path.endsWith('/graphql'))
    expect(queries.length).toBeLessThan(10)
    expect(await world.status('repoD', branch)).toMatch(/^pending inv:ID /u)
  })

  test('a push that GitHub does not show yet locks the change as well', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB', 'repoD')
    await world.clock.advance(60_000)
    world.sandbox.faults.add({ lasts: 3_000, action: { kind: 'stale-reads', ms: 30_000 } })
    await world.push('repoB', branch)
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^pending inv:ID /u)
  })

  test('the late delivery of a push leaves the orchestration of the pushed head alone', async () => {
    await using world = await open()
    await world.change('repoB', branch)
    await world.change('repoD', branch)
    world.builds.script('acme/repoB').holds()
    const outcome = world.build(branch)
    await world.clock.until(world.builds.whenStarted('acme/repoB'))
    await world.clock.advance(20_000)
    world.builds.script('acme/repoB').release('success')
    expect(await world.clock.until(outcome)).toBe('succeeded')
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
  })

  test('a deleted branch locks the others', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB', 'repoD')
    await world.sandbox.admin.deleteBranch('acme/repoB', branch)
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^pending inv:ID /u)
  })

  test('a branch of the change in another repository locks all of it', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB', 'repoD')
    await world.push('repoE', branch)
    await world.settle()
    expect(await world.status('repoB', branch)).toBe('pending inv:ID the branch was created in acme/repoE')
  })
})

describe('pull requests that are opened and closed', () => {
  test('a pull request that joins the tested set is unlocked with the others, and nothing is built again', async () => {
    await using world = await open()
    await world.push('repoD', branch)
    await world.greenChange(branch, 'repoB')
    const builds = world.dispatches()
    await world.sandbox.admin.openPull('acme/repoD', { head: branch, title: branch })
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
    expect(await world.status('repoB', branch)).toMatch(/^success /u)
    expect(world.dispatches()).toEqual(builds)
    expect(world.workloads.enqueued).toHaveLength(1)
  })

  test('a change that a person has locked stays locked when a pull request joins it', async () => {
    await using world = await open()
    await world.push('repoD', branch)
    await world.greenChange(branch, 'repoB')
    await world.clock.until(world.triggers.handle(dispatched('orch-invalidate'), task))
    await world.sandbox.admin.openPull('acme/repoD', { head: branch, title: branch })
    await world.settle()
    expect(await world.status('repoB', branch)).toBe('pending inv:ID requested by @octocat')
    expect(world.workloads.enqueued).toEqual([])
  })

  test('a pull request that is closed locks the others', async () => {
    await using world = await open()
    const [number = 0] = await world.greenChange(branch, 'repoB', 'repoD')
    world.sandbox.admin.closePull('acme/repoB', number)
    await world.settle()
    expect(await world.status('repoD', branch)).toBe(`pending inv:ID acme/repoB#${number} was closed`)
  })

  test('a pull request that is merged at its tested head leaves the others unlocked, also when its branch is deleted', async () => {
    await using world = await open()
    const [number = 0] = await world.greenChange(branch, 'repoB', 'repoD')
    await world.sandbox.admin.mergePull('acme/repoB', number)
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
    await world.sandbox.admin.deleteBranch('acme/repoB', branch)
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
  })

  test('a base that is edited locks all of the change', async () => {
    await using world = await open()
    const [number = 0] = await world.greenChange(branch, 'repoB', 'repoD')
    await world.push('repoB', 'release')
    await world.sandbox.admin.changeBase('acme/repoB', number, 'release')
    await world.settle()
    expect(await world.status('repoD', branch)).toBe(`pending inv:ID the base of acme/repoB#${number} was changed`)
  })

  test('a label or a new title changes nothing', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB')
    world.sandbox.requests.length = 0
    const handled = await world.clock.until(
      world.triggers.handle(delivery('pull_request', { ...pullRequest('labeled') }), task),
    )
    expect(handled).toBe('nothing that is tested has changed')
    expect(world.sandbox.requests).toEqual([])
  })
})

describe('drafts and conflicts', () => {
  test('a draft holds the change, and without a build it is unlocked again when the draft is ready', async () => {
    await using world = await open()
    const [number = 0] = await world.greenChange(branch, 'repoB', 'repoD')
    const builds = world.dispatches()
    world.sandbox.admin.setDraft('acme/repoB', number, true)
    await world.settle()
    expect(await world.status('repoD', branch)).toBe(`pending inv:ID tested; waits for repoB#${number}: draft`)
    world.sandbox.admin.setDraft('acme/repoB', number, false)
    await world.settle()
    expect(await world.status('repoB', branch)).toMatch(/^success /u)
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
    expect(world.dispatches()).toEqual(builds)
  })

  test('a change that a run holds for a draft is unlocked when the draft is ready', async () => {
    await using world = await open()
    const number = await world.change('repoB', branch, { isDraft: true })
    await world.change('repoD', branch)
    await world.settle()
    expect(await world.clock.until(world.build(branch))).toBe('held')
    await world.settle()
    const builds = world.dispatches()
    world.sandbox.admin.setDraft('acme/repoB', number, false)
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
    expect(world.dispatches()).toEqual(builds)
  })

  test('a push between the decision to unlock a held change and the run that unlocks it is not built', async () => {
    await using world = await open()
    const number = await world.change('repoB', branch, { isDraft: true })
    await world.change('repoD', branch)
    await world.settle()
    expect(await world.clock.until(world.build(branch))).toBe('held')
    await world.settle()
    const builds = world.dispatches()
    world.beforeRun = () => world.push('repoD', branch)
    world.sandbox.admin.setDraft('acme/repoB', number, false)
    await world.settle()
    expect(world.workloads.enqueued).toHaveLength(1)
    expect(world.dispatches()).toEqual(builds)
    expect(world.outcomes).toEqual(['DPTA-1 is no longer what was tested'])
    expect(await world.status('repoB', branch)).toMatch(/^pending inv:ID acme\/repoD was pushed/u)
  })

  test('a held change whose head moves is no longer held: it stays locked when the draft is ready', async () => {
    await using world = await open()
    const number = await world.change('repoB', branch, { isDraft: true })
    await world.change('repoD', branch)
    await world.settle()
    expect(await world.clock.until(world.build(branch))).toBe('held')
    await world.push('repoD', branch)
    await world.settle()
    world.sandbox.admin.setDraft('acme/repoB', number, false)
    await world.settle()
    expect(await world.status('repoB', branch)).toMatch(/^pending inv:ID acme\/repoD was pushed/u)
    expect(world.workloads.enqueued).toEqual([])
  })

  test('a push to a default branch that mends a conflict unlocks the held change', async () => {
    await using world = await open()
    await world.sandbox.admin.commit('acme/repoB', 'main', { 'shared.txt': 'one\n' })
    await world.sandbox.admin.commit('acme/repoB', branch, { 'shared.txt': 'two\n' })
    await world.sandbox.admin.openPull('acme/repoB', { head: branch, title: branch })
    await world.change('repoD', branch)
    await world.sandbox.admin.commit('acme/repoB', 'main', { 'shared.txt': 'three\n' })
    await world.settle()
    expect(await world.clock.until(world.build(branch))).toBe('held')
    const builds = world.dispatches()
    await world.sandbox.admin.commit('acme/repoB', 'main', { 'shared.txt': 'one\n' })
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
    expect(world.dispatches()).toEqual(builds)
  })

  test('a push to a default branch leaves a green change unlocked', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB', 'repoD')
    await world.sandbox.admin.commit('acme/repoB', 'main', { 'other.txt': 'x\n' })
    await world.settle()
    expect(await world.status('repoD', branch)).toMatch(/^success /u)
  })
})

/** Lets the machine work, while the clock of the world stands still. */
async function until(isDone: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await isDone())) {
    if (performance.now() > end) throw new Error('it did not happen')
    await setImmediate()
  }
}

const task = { id: 'd-1', signal: new AbortController().signal }

function delivery(event: string, payload: object) {
  const stored = { id: 'd-1', action: null, repository: null, receivedAt: 0, handledAt: null, result: null }
  return { ...stored, event, payload }
}

function dispatched(action: string) {
  const repository = { full_name: 'acme/repoB', default_branch: 'main' }
  const sender = { login: 'octocat' }
  return delivery('repository_dispatch', { action, repository, sender, client_payload: { branch } })
}

function pullRequest(action: string): object {
  const repository = { full_name: 'acme/repoB', default_branch: 'main' }
  const repo = { id: 1 }
  return { action, repository, pull_request: { number: 1, head: { ref: branch, repo }, base: { ref: 'main', repo } } }
}
