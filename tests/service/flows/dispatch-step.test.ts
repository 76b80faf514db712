import { cp } from 'node:fs/promises'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lastAttempt } from '../../../src/model/flow/flow-run.js'
import type { FlowRun } from '../../../src/model/flow/flow-run.js'
import type { Database } from '../../../src/service/database/database.js'
import { embeddedRoom } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { openFlowFolder } from '../../support/flow-folder.js'
import type { FlowFolder } from '../../support/flow-folder.js'
import { RealTimeGitHub } from '../../support/real-time-github.js'
import { FlowScene } from '../support/flow-scene.js'

const receiver = `run-name: "receive [\${{ github.event.client_payload.orch_id }}]"
on: { repository_dispatch: { types: [upstream-release] } }
jobs: { receive: { runs-on: x, steps: [{ run: "true" }] } }
`
const names = ['server', 'docs'] as const
const payload = { repo: 'openai/codex', tag: 'v1.2.3' }

function stepsOf(run: FlowRun): (readonly [string, string])[] {
  return lastAttempt(run).steps.map(({ status, message }) => [status, message.replaceAll(/http\S+\/(\d+)/gu, 'URL')])
}

describe('the example of a release, whose steps wait', () => {
  let room: DatabaseRoom
  let database: Database
  let github: RealTimeGitHub
  let folder: FlowFolder
  let scene: FlowScene

  beforeAll(async () => {
    room = await embeddedRoom()
  }, 120_000)
  afterAll(() => room.close(), 120_000)
  beforeEach(async () => {
    database = await room.create()
    github = await RealTimeGitHub.open()
    for (const name of names) {
      await github.sandbox.admin.createRepository(`acme/${name}`)
      await github.sandbox.admin.commit(`acme/${name}`, 'main', { '.github/workflows/receive.yml': receiver })
      github.builds.script(`acme/${name}`).holds()
    }
    folder = await openFlowFolder()
    await cp(resolve(import.meta.dirname, '../../../examples/flows/release'), folder.directory, { recursive: true })
    scene = await FlowScene.start({ database, github, directory: folder.directory })
  }, 120_000)
  afterEach(async () => {
    await scene.close()
    await folder[Symbol.asyncDispose]()
    await github[Symbol.asyncDispose]()
  }, 120_000)

  const send = async (id: string): Promise<string> => (await scene.send(id, { payload }))[0]?.id ?? ''
  const release = (name: string, conclusion: 'success' | 'failure'): void =>
    github.builds.script(`acme/${name}`).release(conclusion)
  const conclusions = (name: string): (string | null)[] =>
    github.sandbox.admin.runs(`acme/${name}`).map(({ attempts }) => attempts.at(-1)?.conclusion ?? null)

  test('the second repository gets its event when the run in the first one has succeeded', async () => {
    const id = await send('release')
    await github.builds.whenStarted('acme/server')
    expect(conclusions('docs')).toEqual([])
    release('server', 'success')
    await github.builds.whenStarted('acme/docs')
    expect(lastAttempt(await scene.whenStatus(id, 'running')).steps.map(({ status }) => status)).toEqual([
      'completed',
      'running',
    ])
    release('docs', 'success')
    expect(stepsOf(await scene.whenEnded(id))).toEqual(
      names.map((name) => ['completed', `sent upstream-release to acme/${name}, receive.yml succeeded (URL)`]),
    )
  })

  test('a run that fails ends the flow before the second event', async () => {
    const id = await send('failing')
    await github.builds.whenStarted('acme/server')
    release('server', 'failure')
    expect(stepsOf(await scene.whenEnded(id))).toEqual([
      ['failed', 'receive.yml of acme/server failed: its run concluded failure'],
      ['queued', ''],
    ])
    expect(conclusions('docs')).toEqual([])
  })

  test('a cancel of the flow cancels the run that it waits for', async () => {
    const id = await send('cancelled')
    await github.builds.whenStarted('acme/server')
    await scene.work.flows.cancel(id, 'ann')
    expect(lastAttempt(await scene.whenEnded(id))).toMatchObject({ status: 'cancelled', cancelledBy: 'ann' })
    await github.sandbox.admin.idle()
    expect(conclusions('server')).toEqual(['cancelled'])
  })

  test('a process that takes over waits for the same run, and sends nothing again', async () => {
    const id = await send('taken-over')
    await github.builds.whenStarted('acme/server')
    await scene.close()
    scene = await FlowScene.start({ database, github, directory: folder.directory })
    release('server', 'success')
    await github.builds.whenStarted('acme/docs')
    release('docs', 'success')
    expect(stepsOf(await scene.whenEnded(id)).map(([status]) => status)).toEqual(['completed', 'completed'])
    expect([...conclusions('server'), ...conclusions('docs')]).toEqual(['success', 'success'])
  })
})
