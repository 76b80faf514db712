import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Failure } from '../../src/model/failure.js'
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
const repository = { full_name: 'acme/repoB', default_branch: 'main' }
const open = (settings = ''): Promise<WebhookWorld> => WebhookWorld.open({ database, settings })

/** Hands a delivery over that the embedded GitHub did not send; resolves to what was done. */
function hand(world: WebhookWorld, event: string, payload: object, id = 'd-1'): Promise<string> {
  const stored = { id, action: null, repository: null, receivedAt: world.clock.now(), handledAt: null, result: null }
  const context = { id, signal: new AbortController().signal }
  return world.clock.until(world.triggers.handle({ ...stored, event, payload }, context))
}

/** Posts a status of our context on the head of a branch as somebody else. */
async function postAs(world: WebhookWorld, by: string, state: string, name = 'repoB'): Promise<string> {
  const sha = (await world.sandbox.admin.branch(`acme/${name}`, branch)) ?? ''
  const headers = { authorization: `Bearer ${world.sandbox.admin.createToken(by)}` }
  const body = JSON.stringify({ state, description: 'trust me', context: 'orchestrator-build' })
  const url = `http://127.0.0.1:9/repos/acme/${name}/statuses/${sha}`
  const answer = await world.sandbox.fetch(new Request(url, { method: 'POST', headers, body }))
  if (answer.status !== 201) throw new Error(`the status was answered with ${answer.status}`)
  return sha
}

describe('a status of our context by somebody else', () => {
  test('a success on a locked head is put back to pending and reported', async () => {
    await using world = await open()
    await world.change('repoB', branch)
    await world.settle()
    await postAs(world, 'mallory', 'success')
    await world.settle()
    expect(await world.status('repoB', branch)).toBe(
      'pending inv:ID the success by mallory was put back: only orch unlocks a change',
    )
    expect(world.log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringContaining('a success that somebody else posted on a locked head was put back'),
    ])
  })

  test('a failure is reported, and stays', async () => {
    await using world = await open()
    await world.change('repoB', branch)
    await world.settle()
    await postAs(world, 'mallory', 'failure')
    await world.settle()
    expect(await world.status('repoB', branch)).toBe('failure trust me')
    expect(world.log.lines.some((line) => line.includes('somebody else posted a status of our context'))).toBe(true)
  })

  test('a success on a head that orch has unlocked is reported, and stays', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB')
    await postAs(world, 'mallory', 'success')
    await world.settle()
    expect(await world.status('repoB', branch)).toBe('success trust me')
  })

  test.each(['success', 'failure'])(
    'where GitHub does not name our login, our statuses are known by their text, and a foreign %s is not ours',
    async (state) => {
      await using world = await WebhookWorld.open({ database, login: null })
      await world.change('repoB', branch)
      await world.settle()
      await postAs(world, 'mallory', state)
      await world.settle()
      expect(await world.status('repoB', branch)).toBe(
        state === 'failure'
          ? 'failure trust me'
          : 'pending inv:ID the success by mallory was put back: only orch unlocks a change',
      )
      const results = (await world.results()).filter((line) => line.startsWith('status: '))
      expect(results.filter((line) => line.includes('mallory'))).toHaveLength(1)
      expect(new Set(results.filter((line) => !line.includes('mallory')))).toEqual(new Set(['status: orch posted it']))
    },
  )

  test('our own statuses start no task', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB')
    const results = await world.results()
    const reasons = ['status: orch posted it', 'status: it is a status of another context']
    expect(new Set(results.filter((line) => line.startsWith('status: ')))).toEqual(new Set(reasons))
  })
})

describe('a run of a workflow of the graph', () => {
  test('the end of a run is read again and passed to the orchestration', async () => {
    await using world = await open()
    await world.greenChange(branch, 'repoB')
    const [run] = world.sandbox.admin.runs('acme/repoB')
    expect(world.workloads.observed).toContain(`acme/repoB ${run?.id} completed`)
  })

  test('a payload that claims the end of a run that GitHub does not know is not passed on', async () => {
    await using world = await open()
    const forged = {
      id: 99,
      head_sha: 'a'.repeat(40),
      status: 'completed',
      conclusion: 'success',
      run_attempt: 1,
      event: 'workflow_dispatch',
      path: '.github/workflows/build.yml',
    }
    const result = await hand(world, 'workflow_run', { action: 'completed', repository, workflow_run: forged })
    expect(result).toBe('GitHub has no run 99')
    expect(world.workloads.observed).toEqual([])
  })
})

describe('a completed run that cannot be read', () => {
  const ended = {
    id: 99,
    head_sha: 'a'.repeat(40),
    status: 'completed',
    conclusion: 'success',
    run_attempt: 1,
    event: 'workflow_dispatch',
    path: '.github/workflows/build.yml',
  }
  const handEnd = async (failure: Failure): Promise<string> => {
    await using world = await open()
    world.host.readRun = () => Promise.resolve({ kind: 'unreadable', failure })
    return await hand(world, 'workflow_run', { action: 'completed', repository, workflow_run: ended })
  }

  test('the end of a run is handed over again while GitHub cannot be reached, because its polls are minutes apart', async () => {
    const failed = handEnd({ kind: 'server-error', message: 'GitHub answered 502' })
    await expect(failed).rejects.toThrow('GitHub answered 502')
  })

  test('the end of a run that GitHub refuses to show is not handed over again', async () => {
    expect(await handEnd({ kind: 'forbidden', message: 'not allowed' })).toBe('run 99 could not be read: not allowed')
  })
})

describe('a merge queue', () => {
  const group = async (world: WebhookWorld, number: number, action = 'checks_requested') => {
    const headSha = (await world.sandbox.admin.branch('acme/repoB', 'main')) ?? ''
    const headRef = `refs/heads/gh-readonly-queue/main/pr-${number}-${headSha}`
    const payload = { action, repository, merge_group: { head_sha: headSha, head_ref: headRef } }
    return { headSha, result: await hand(world, 'merge_group', payload) }
  }

  test('the commit of a green change gets success, and goes back to pending when the change is locked', async () => {
    await using world = await open()
    const [number = 0] = await world.greenChange(branch, 'repoB', 'repoD')
    const { headSha, result } = await group(world, number)
    expect(result).toBe('answered the merge queue of acme/repoB with success')
    expect(world.statusOf('repoB', headSha)).toMatch(/^success run:ID/u)
    await world.push('repoD', branch)
    await world.settle()
    expect(world.statusOf('repoB', headSha)).toMatch(/^pending DPTA-1 is locked/u)
  })

  test('the commit of a locked change is pending, and gets success when the change turns green', async () => {
    await using world = await open()
    const number = await world.change('repoB', branch)
    await world.settle()
    const { headSha } = await group(world, number)
    expect(world.statusOf('repoB', headSha)).toMatch(/^pending /u)
    world.runTriggers()
    expect(await world.clock.until(world.build(branch))).toBe('succeeded')
    await world.clock.advance(11_000)
    await world.settle()
    expect(world.statusOf('repoB', headSha)).toMatch(/^success /u)
  })

  test('the commit of a change that failed gets failure', async () => {
    await using world = await open()
    const number = await world.change('repoB', branch)
    await world.settle()
    world.builds.script('acme/repoB').concludes('failure')
    expect(await world.clock.until(world.build(branch))).toBe('failed')
    const { headSha } = await group(world, number)
    expect(world.statusOf('repoB', headSha)).toMatch(/^failure /u)
  })

  test('a pull request that belongs to no change is answered only with other-pull-requests: pass', async () => {
    for (const [settings, status] of [
      ['', 'none'],
      ['other-pull-requests: pass', 'success not a coordinated change'],
    ]) {
      await using world = await open(settings)
      const number = await world.change('repoB', 'feature')
      await world.settle()
      const { headSha } = await group(world, number)
      expect(world.statusOf('repoB', headSha)).toBe(status)
    }
  })

  test('a destroyed group is not answered again', async () => {
    await using world = await open()
    const [number = 0] = await world.greenChange(branch, 'repoB', 'repoD')
    const { headSha } = await group(world, number)
    await group(world, number, 'destroyed')
    await world.push('repoD', branch)
    await world.settle()
    expect(world.statusOf('repoB', headSha)).toMatch(/^success /u)
  })
})

describe('pull requests that belong to no change', () => {
  test('they are ignored by default', async () => {
    await using world = await open()
    await world.change('repoB', 'feature')
    await world.settle()
    expect(await world.status('repoB', 'feature')).toBe('none')
  })

  test('with other-pull-requests: pass they get success, again after each push, and those of changes do not', async () => {
    await using world = await open('other-pull-requests: pass')
    await world.change('repoB', 'feature')
    await world.change('repoD', branch)
    await world.settle()
    expect(await world.status('repoB', 'feature')).toBe('success not a coordinated change')
    expect(await world.status('repoD', branch)).toMatch(/^pending /u)
    await world.push('repoB', 'feature')
    await world.settle()
    expect(await world.status('repoB', 'feature')).toBe('success not a coordinated change')
  })
})

describe('auto-run', () => {
  test('a change is built when all of its members have been quiet for long enough, once', async () => {
    await using world = await open('auto-run: { quiet: 30s }')
    world.runTriggers()
    await world.change('repoB', branch)
    await world.clock.advance(20_000)
    await world.change('repoD', branch)
    await world.clock.advance(25_000)
    expect(world.workloads.enqueued).toEqual([])
    await world.clock.advance(10_000)
    await world.settle()
    expect(world.workloads.enqueued).toEqual([expect.stringMatching(/^auto-run-\S+ DPTA-1$/u)])
    expect(await world.status('repoB', branch)).toMatch(/^success /u)
    await world.clock.advance(120_000)
    expect(world.workloads.enqueued).toHaveLength(1)
  })

  test('a restart does not reset the time', async () => {
    await using world = await open('auto-run: { quiet: 30s }')
    await world.change('repoB', branch)
    await world.settle()
    await world.clock.advance(40_000)
    expect(world.workloads.enqueued).toEqual([])
    world.runTriggers()
    await world.clock.advance(2_000)
    await world.settle()
    expect(world.workloads.enqueued).toHaveLength(1)
  })

  test('without auto-run nothing is built', async () => {
    await using world = await open()
    world.runTriggers()
    await world.change('repoB', branch)
    await world.clock.advance(600_000)
    expect(world.workloads.enqueued).toEqual([])
  })
})

describe('commands from GitHub', () => {
  test('a repository_dispatch of orch-run queues a run once for each delivery', async () => {
    await using world = await open()
    await world.change('repoB', branch)
    await world.settle()
    const payload = { action: 'orch-run', repository, client_payload: { branch }, sender: { login: 'octocat' } }
    await hand(world, 'repository_dispatch', payload, 'd-7')
    await hand(world, 'repository_dispatch', payload, 'd-7')
    expect(world.workloads.enqueued).toEqual(['d-7 DPTA-1'])
    await world.settle()
  })

  test('a comment with a command is passed on', async () => {
    await using world = await open()
    const comment = { id: 3, body: '/orch status', user: { login: 'octocat', type: 'User' } }
    const payload = { action: 'created', repository, issue: { number: 1, pull_request: {} }, comment }
    await hand(world, 'issue_comment', payload)
    expect(world.commands).toEqual(['/orch status'])
  })

  test('a new installation makes the service read its installations again', async () => {
    await using world = await open()
    await hand(world, 'installation', { action: 'created', installation: { account: { login: 'acme' } } })
    expect(world.installationReads).toBe(1)
  })
})
