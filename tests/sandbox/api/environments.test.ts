import { describe, expect, test } from 'vitest'

import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import type { ApiWorld } from './world.js'
import { at, createApiWorld, TestClock } from './world.js'

const repo = '/repos/acme/lib'
const deploy = `name: Build
on: workflow_dispatch
jobs:
  test: { runs-on: x, steps: [{ run: make }] }
  deploy: { runs-on: x, needs: test, environment: production, steps: [{ run: make deploy }] }
`

interface Waiting extends ApiWorld {
  run: number
  pass(ms: number): Promise<void>
  status(): Promise<unknown>
}

/** A run whose first job ends after a minute and whose second one deploys to `production`, which alice must approve. */
async function waiting(rules: Record<string, unknown> = {}): Promise<Waiting> {
  const clock = new TestClock()
  const executor = createScriptedExecutor({ clock })
  const world = await createApiWorld({ clock, executor })
  const { admin } = world.sandbox
  await admin.commit('acme/lib', 'main', { '.github/workflows/build.yml': deploy })
  admin.setEnvironment('acme/lib', 'Production', { reviewers: ['alice'], ...rules })
  executor.script('acme/lib').concludes('success', { environment: 'production', waitsAfter: 60_000 })
  const dispatch = { ref: 'main', return_run_details: true }
  const answer = await world.json('POST', `${repo}/actions/workflows/build.yml/dispatches`, dispatch)
  const run = Number(at(answer.body, 'workflow_run_id'))
  const pass = async (ms: number): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(ms)
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const status = async (): Promise<unknown> =>
    at((await world.json('GET', `${repo}/actions/runs/${run}`)).body, 'status')
  return { ...world, clock, run, pass, status }
}

async function environmentId(world: ApiWorld): Promise<number> {
  return Number(at((await world.json('GET', `${repo}/environments/production`)).body, 'id'))
}

describe('environments', () => {
  test('an environment is created, listed, replaced and deleted, with its reviewers and wait timer as rules', async () => {
    const world = await createApiWorld()
    world.sandbox.admin.createAccount('alice')
    const id = Number(at((await world.json('GET', '/user', undefined)).body, 'id'))
    const body = { wait_timer: 30, reviewers: [{ type: 'User', id }] }
    const put = await world.json('PUT', `${repo}/environments/production`, body)
    expect(put.status).toBe(200)
    expect(at(put.body, 'protection_rules', 0, 'wait_timer')).toBe(30)
    expect(at(put.body, 'protection_rules', 1, 'reviewers', 0, 'reviewer', 'login')).toBe('developer')
    expect(at((await world.json('GET', `${repo}/environments`)).body, 'total_count')).toBe(1)
    expect(at((await world.json('PUT', `${repo}/environments/production`, {})).body, 'protection_rules')).toEqual([])
    expect((await world.json('DELETE', `${repo}/environments/production`)).status).toBe(204)
    expect((await world.json('GET', `${repo}/environments/production`)).status).toBe(404)
  })

  test('a reviewer who is not a user, and a policy for branches, are refused', async () => {
    const world = await createApiWorld()
    const put = (body: unknown) => world.json('PUT', `${repo}/environments/production`, body)
    expect((await put({ reviewers: [{ type: 'Team', id: 1 }] })).status).toBe(422)
    expect((await put({ wait_timer: -1 })).status).toBe(422)
    const policy = { protected_branches: true, custom_branch_policies: false }
    expect((await put({ deployment_branch_policy: policy })).status).toBe(422)
  })
})

describe('pending deployments', () => {
  test('a run waits after its first job, lists its environment and reviewers, and continues after a reviewer approves', async () => {
    const world = await waiting()
    await world.pass(59_000)
    expect(await world.status()).toBe('in_progress')
    expect((await world.json('GET', `${repo}/actions/runs/${world.run}/pending_deployments`)).body).toEqual([])
    await world.pass(1_000)
    expect(await world.status()).toBe('waiting')
    const jobs = (await world.json('GET', `${repo}/actions/runs/${world.run}/jobs`)).body
    expect([at(jobs, 'jobs', 0, 'conclusion'), at(jobs, 'jobs', 1, 'status')]).toEqual(['success', 'waiting'])
    const pending = await world.json('GET', `${repo}/actions/runs/${world.run}/pending_deployments`)
    expect(at(pending.body, 0, 'environment', 'name')).toBe('Production')
    expect(at(pending.body, 0, 'reviewers', 0, 'reviewer', 'login')).toBe('alice')
    expect(at(pending.body, 0, 'current_user_can_approve')).toBe(false)
    const token = world.sandbox.admin.createToken('alice')
    const review = { environment_ids: [await environmentId(world)], state: 'approved', comment: 'Ship it!' }
    const path = `${repo}/actions/runs/${world.run}/pending_deployments`
    expect((await world.json('POST', path, review)).status).toBe(422)
    const approved = await world.json('POST', path, review, { token })
    expect([approved.status, at(approved.body, 0, 'environment')]).toEqual([200, 'Production'])
    await world.pass(0)
    expect(await world.status()).toBe('in_progress')
    expect((await world.json('POST', path, review, { token })).status).toBe(422)
    await world.pass(20_000)
    expect(await world.status()).toBe('completed')
  })

  test('a rejected deployment fails its run, and a cancelled run leaves nothing pending', async () => {
    const rejected = await waiting()
    await rejected.pass(60_000)
    rejected.sandbox.admin.reviewDeployments(rejected.run, 'rejected')
    await rejected.pass(0)
    expect(rejected.sandbox.admin.runs().at(-1)?.attempts[0]?.conclusion).toBe('failure')
    const reviews = await rejected.json('GET', `${repo}/actions/runs/${rejected.run}/approvals`)
    expect([at(reviews.body, 0, 'state'), at(reviews.body, 0, 'environments', 0, 'name')]).toEqual([
      'rejected',
      'Production',
    ])
    const cancelled = await waiting()
    await cancelled.pass(60_000)
    expect((await cancelled.call('POST', `${repo}/actions/runs/${cancelled.run}/cancel`)).status).toBe(202)
    await cancelled.pass(1_000)
    expect(cancelled.sandbox.admin.runs().at(-1)?.attempts[0]?.conclusion).toBe('cancelled')
    const pending = await cancelled.json('GET', `${repo}/actions/runs/${cancelled.run}/pending_deployments`)
    expect(pending.body).toEqual([])
  })

  test('a wait timer alone holds a run back for its minutes', async () => {
    const world = await waiting({ reviewers: [], waitTimer: 10 })
    await world.pass(60_000)
    expect(await world.status()).toBe('waiting')
    await world.pass(599_000)
    expect(await world.status()).toBe('waiting')
    await world.pass(1_000)
    expect(await world.status()).toBe('in_progress')
  })
})
