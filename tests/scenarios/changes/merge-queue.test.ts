import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const queueOf = (names: string, isOne = true): string =>
  `a merge queue performs ${isOne ? 'this merge' : 'these merges'}: ${names}. It waits for orchestrator-build on a commit of its own ` +
  '(gh-readonly-queue/...), where only the service posts it: see "Merge queues" in docs/github-setup.md'

/** The output as one line, because paragraphs are wrapped. */
const flat = (text: string): string => text.replace(/\s+/gu, ' ')

async function change(...names: string[]): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of names) await scene.change(name, 'DPTA-1')
  return scene
}

describe('a base whose ruleset requires a merge queue', () => {
  test('plan, run and status name the pull requests and say that the commit of the queue needs the service', async () => {
    await using scene = await change('repoB', 'repoD')
    for (const name of ['acme/repoB', 'acme/repoD']) scene.sandbox.admin.requireMergeQueue(name)
    const note = queueOf('acme/repoB#1 into main, acme/repoD#1 into main', false)
    expect(flat((await scene.orch('plan DPTA-1')).stdout)).toContain(`! ${note}`)
    const run = await scene.orch('run DPTA-1')
    expect(run.code).toBe(0)
    expect(flat(run.stdout)).toContain(`Merge the pull requests: they were tested together. But ${note}.`)
    const status = await scene.orch('status DPTA-1')
    expect(status.code).toBe(0)
    expect(flat(status.stdout)).toContain(`! ${note}`)
    expect(JSON.parse((await scene.orch('status DPTA-1 --json')).stdout)).toMatchObject({
      repositories: [{}, { pullRequests: [{ number: 1, hasMergeQueue: true }] }, {}, {}, {}],
    })
  })

  test('only the pull request whose own base has the queue is named', async () => {
    await using scene = await change('repoB')
    await scene.push('repoD', 'release/1')
    await scene.push('repoD', 'DPTA-1')
    await scene.sandbox.admin.openPull('acme/repoD', { head: 'DPTA-1', base: 'release/1' })
    scene.sandbox.admin.requireMergeQueue('acme/repoB', { include: ['refs/heads/release/*'] })
    scene.sandbox.admin.requireMergeQueue('acme/repoD', { include: ['refs/heads/release/*'] })
    const note = queueOf('acme/repoD#1 into release/1')
    expect(flat((await scene.orch('plan DPTA-1')).stdout)).toContain(`! ${note}`)
    expect(flat((await scene.orch('status DPTA-1')).stdout)).toContain(`! ${note}`)
  })

  test('a merge queue that is not in force is not named', async () => {
    await using scene = await change('repoB', 'repoD')
    scene.sandbox.admin.requireMergeQueue('acme/repoB', { enforcement: 'evaluate' })
    scene.sandbox.admin.requireMergeQueue('acme/repoD', { enforcement: 'disabled' })
    for (const words of ['plan DPTA-1', 'status DPTA-1', 'run DPTA-1']) {
      expect((await scene.orch(words)).stdout).not.toContain('merge queue')
    }
  })

  test('reading it costs no request of its own', async () => {
    await using scene = await change('repoB', 'repoD')
    await scene.orch('plan DPTA-1')
    const without = scene.sandbox.requests.length
    scene.sandbox.admin.requireMergeQueue('acme/repoB')
    await scene.orch('plan DPTA-1')
    expect(scene.sandbox.requests.length - without).toBe(without)
  })
})
