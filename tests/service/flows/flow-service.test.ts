import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { replayEvent } from '../../../src/flows/replay-event.js'
import { endStep, openAttempt, startStep, withAttempt } from '../../../src/model/flow/flow-progress.js'
import { lastAttempt } from '../../../src/model/flow/flow-run.js'
import type { FlowRun } from '../../../src/model/flow/flow-run.js'
import type { Database } from '../../../src/service/database/database.js'
import { createDatabaseFlowStore } from '../../../src/service/flows/database-flow-store.js'
import { embeddedRoom } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { nodeStep } from '../../support/flow-client-contract.js'
import { openFlowFolder } from '../../support/flow-folder.js'
import type { FlowFolder } from '../../support/flow-folder.js'
import { eventOf, runOf } from '../../support/flow-store-contract.js'
import { until } from '../../support/queue-room.js'
import { RealTimeGitHub } from '../../support/real-time-github.js'
import { FlowScene } from '../support/flow-scene.js'

const onRelease = '{ event: { types: [upstream.release] } }'

function flow(name: string, steps: string, on = onRelease): string {
  return `name: ${name}\non: ${on}\nsteps:\n${steps}`
}

function idOf(runs: readonly FlowRun[]): string {
  expect(runs).toHaveLength(1)
  return runs[0]?.id ?? ''
}

function stepsOf(run: FlowRun): (readonly [string, string])[] {
  return lastAttempt(run).steps.map(({ status, message }) => [status, message])
}

const forever = 'console.log("up"); setInterval(() => {}, 1000)'

describe('flows in the service', () => {
  let room: DatabaseRoom
  let database: Database
  let github: RealTimeGitHub
  let folder: FlowFolder
  let scene: FlowScene | null = null

  beforeAll(async () => {
    room = await embeddedRoom()
    database = await room.create()
    github = await RealTimeGitHub.open()
  }, 120_000)
  afterAll(async () => {
    await github[Symbol.asyncDispose]()
    await room.close()
  }, 120_000)
  // The tests share a database, so each one has ids of its own.
  beforeEach(async () => {
    folder = await openFlowFolder()
  })
  afterEach(async () => {
    await scene?.close()
    scene = null
    await folder[Symbol.asyncDispose]()
  }, 120_000)

  const start = async (environment: Record<string, string> = {}): Promise<FlowScene> => {
    scene = await FlowScene.start({ database, github, directory: folder.directory, environment })
    return scene
  }

  test('the steps of a run are performed in order, each with the event, its files and the variables that it lists', async () => {
    const script = `const { readFileSync } = require('node:fs'), { env } = process
      const { id } = JSON.parse(readFileSync(0, 'utf8'))
      console.log(id, env.ORCH_EVENT_ID, env.ORCH_RUN_ID, env.ORCH_ATTEMPT_ID, env.ORCH_URL, env.ORCH_REPLAY, env.A, env.B)
      console.log(readFileSync(env.ORCH_CONTEXT_DIR + '/a.txt', 'utf8'))`
    const second = 'console.log(\'ORCH_RESULT {"status":"changed","message":"built"}\')'
    await folder.writeFlow('release', flow('release', nodeStep(script, '    env: [A]\n') + nodeStep(second)))
    const it = await start({ A: 'a', B: 'b' })
    const id = idOf(await it.send('steps', { context: [{ name: 'a.txt', content: 'text' }] }))
    const run = await it.whenEnded(id)
    const attempt = lastAttempt(run)
    expect(stepsOf(run)).toEqual([
      ['completed', 'exit code 0'],
      ['completed', 'exit code 0'],
    ])
    expect(attempt.output.stdout).toBe(
      `steps steps ${id} ${id}-1 https://orch.example.com undefined a undefined\ntext\nORCH_RESULT {"status":"changed","message":"built"}\n`,
    )
    expect(attempt.result).toEqual({ status: 'changed', message: 'built', artifacts: [] })
    expect(it.log.lines).toEqual([])
  })

  test('events of one flow that arrive several times at once are executed one after the other, each once', async () => {
    const script = `require('node:fs').appendFileSync('done.txt', process.env.ORCH_EVENT_ID + ' ')`
    await folder.writeFlow('release', flow('release', nodeStep(script)))
    const it = await start()
    const names = Array.from({ length: 12 }, (_, index) => `many${index}`)
    const sent = await Promise.all([...names, ...names, ...names].map((name) => it.send(name)))
    for (const runs of sent)
      expect(await it.whenEnded(idOf(runs))).toMatchObject({ attempts: [{ status: 'completed' }] })
    const done = (await readFile(join(folder.directory, 'done.txt'), 'utf8')).trim().split(' ')
    expect(done.toSorted()).toEqual(names.toSorted())
  })

  test('a step hands the event on to another flow, which is executed', async () => {
    await folder.writeFlow('release', flow('release', '  - handoff: announce\n'))
    await folder.writeFlow('announce', flow('announce', nodeStep('console.log("announced")'), '{ dispatch: true }'))
    const it = await start()
    const id = idOf(await it.send('handed'))
    const run = await it.whenEnded(id)
    expect(stepsOf(run)).toEqual([['completed', `handed on to announce as handoff:${id}-1-1`]])
    const { store } = it.work.flows.ports
    const { items } = await store.listRuns({ flow: 'announce', limit: 10 })
    expect(lastAttempt(await it.whenEnded(idOf(items))).output.stdout).toBe('announced\n')
  })

  test('a replay executes a second attempt, which knows that it is one', async () => {
    await folder.writeFlow('release', flow('release', nodeStep('console.log(process.env.ORCH_REPLAY)')))
    const it = await start()
    const id = idOf(await it.send('again'))
    await it.whenEnded(id)
    await replayEvent(it.work.flows.ports, 'again')
    await it.work.flows.advance(['release'])
    const { attempts } = await it.whenEnded(id)
    expect(attempts.map(({ status, output }) => [status, output.stdout])).toEqual([
      ['completed', 'undefined\n'],
      ['completed', '1\n'],
    ])
  })

  test('a cancel ends a running step, and runs that wait are never started', async () => {
    await folder.writeFlow('release', flow('release', nodeStep(forever)))
    const it = await start()
    const first = idOf(await it.send('cancel1'))
    const second = idOf(await it.send('cancel2'))
    await it.whenPrinted(first)
    expect(await it.work.flows.cancel(second, 'ann')).toMatchObject({ kind: 'requested' })
    expect(lastAttempt(await it.whenEnded(second))).toMatchObject({ status: 'cancelled', startedAt: null })
    expect(await it.work.flows.cancel(first, 'ann')).toMatchObject({ kind: 'requested' })
    expect(lastAttempt(await it.whenEnded(first))).toMatchObject({ status: 'cancelled', cancelledBy: 'ann' })
    expect(await it.work.flows.cancel(first, 'ann')).toMatchObject({ kind: 'ended' })
    expect(await it.work.flows.cancel('unknown', 'ann')).toEqual({ kind: 'absent' })
  })

  test('a command whose process ended with the service is not executed twice, and the runs that wait are', async () => {
    const script = `require('node:fs').appendFileSync('done.txt', process.env.ORCH_EVENT_ID + ' ')
      if (process.env.ORCH_EVENT_ID === 'once1') { ${forever} }`
    await folder.writeFlow('release', flow('release', nodeStep(script)))
    const it = await start()
    const first = idOf(await it.send('once1'))
    const second = idOf(await it.send('once2'))
    await it.whenPrinted(first)
    await it.close()
    const next = await start()
    expect(stepsOf(await next.whenEnded(first))).toEqual([['failed', 'the process that executed it has ended']])
    expect(await next.whenEnded(second)).toMatchObject({ attempts: [{ status: 'completed' }] })
    expect(await readFile(join(folder.directory, 'done.txt'), 'utf8')).toBe('once1 once2 ')
  })

  test('runs that a crash left before their first step, or between two, are continued by the next process', async () => {
    await folder.writeFlow('release', `concurrency: 3\n${flow('release', nodeStep('') + nodeStep('console.log(2)'))}`)
    const store = createDatabaseFlowStore(database)
    const runs = ['waits', 'started', 'between'].map((id) => runOf(id, { eventId: 'left' }))
    await store.accept(eventOf('left'), runs)
    const options = { concurrency: 2, stepCount: 2, now: 1 }
    for (const id of ['started', 'between'])
      await store.updateRun(id, (run) => withAttempt(run, { ...lastAttempt(run), createdAt: 0 }))
    await store.startNext('release', options)
    await store.startNext('release', options)
    await store.updateRun('between', (run) => {
      const open = openAttempt(run)
      if (!open) return run
      return withAttempt(run, endStep(startStep(open, 0, 1), 0, { status: 'completed', message: 'before' }, 2))
    })
    const it = await start()
    for (const id of ['waits', 'started']) {
      const run = await it.whenEnded(id)
      expect(stepsOf(run)).toEqual([
        ['completed', 'exit code 0'],
        ['completed', 'exit code 0'],
      ])
    }
    expect(stepsOf(await it.whenEnded('between'))).toEqual([
      ['completed', 'before'],
      ['completed', 'exit code 0'],
    ])
  })

  test('a run whose flow is gone fails and says so', async () => {
    await createDatabaseFlowStore(database).accept(eventOf('gone'), [runOf('r', { eventId: 'gone', flow: 'gone' })])
    const it = await start()
    expect(stepsOf(await it.whenEnded('r'))).toEqual([['failed', 'there is no flow gone']])
  })

  test('a step builds a change and ends with it', async () => {
    await github.change('DPTA-1', 'repoB')
    await folder.writeFlow('release', flow('release', '  - run: "${{ event.payload.branch }}"\n'))
    const it = await start()
    const built = await it.whenEnded(idOf(await it.send('built1', { payload: { branch: 'DPTA-1' } })))
    expect(lastAttempt(built)).toMatchObject({ status: 'completed', steps: [{ message: /^succeeded: /u }] })
    const absent = await it.whenEnded(idOf(await it.send('built2', { payload: { branch: 'DPTA-404' } })))
    expect(lastAttempt(absent)).toMatchObject({ status: 'failed', steps: [{ message: /DPTA-404/u }] })
    const wrong = await it.whenEnded(idOf(await it.send('built3', { payload: { branch: 'main' } })))
    expect(lastAttempt(wrong).status).toBe('failed')
  })

  test('a cancel ends the change that a step builds', async () => {
    await github.change('DPTA-2', 'repoC')
    github.builds.script('acme/repoC', 'build.yml').holds()
    await folder.writeFlow('release', flow('release', '  - run: DPTA-2\n'))
    const it = await start()
    const id = idOf(await it.send('stopped'))
    await github.builds.whenStarted('acme/repoC')
    await it.work.flows.cancel(id, 'ann')
    expect(lastAttempt(await it.whenEnded(id))).toMatchObject({ status: 'cancelled', cancelledBy: 'ann' })
  })

  test('a step sends an event that starts a workflow of another repository', async () => {
    const workflow =
      'on: { repository_dispatch: { types: [published] } }\njobs: { docs: { runs-on: x, steps: [{ run: "true" }] } }\n'
    await github.sandbox.admin.createRepository('acme/docs')
    await github.sandbox.admin.commit('acme/docs', 'main', { '.github/workflows/docs.yml': workflow })
    const dispatch = (fields: string): string =>
      `  - dispatch: { ${fields}, payload: { tag: "\${{ event.payload.tag }}" } }\n`
    const to = 'repository: "${{ event.payload.to }}", event-type: "${{ event.payload.type }}"'
    await folder.writeFlow('release', flow('release', dispatch(to)))
    const it = await start()
    const send = async (id: string, payload: Record<string, string>): Promise<(readonly [string, string])[]> =>
      stepsOf(
        await it.whenEnded(idOf(await it.send(id, { payload: { to: 'acme/docs', type: 'published', ...payload } }))),
      )
    expect(await send('sent1', { tag: 'v1' })).toEqual([['completed', 'sent published to acme/docs']])
    const runs = github.sandbox.admin.runs('acme/docs')
    expect(runs).toMatchObject([{ event: 'repository_dispatch', displayTitle: 'published' }])
    expect(await send('sent2', { tag: 'v1', to: 'acme/absent' })).toEqual([
      ['failed', expect.stringMatching(/does not exist.*Contents: write/u)],
    ])
    expect(await send('sent3', { tag: 'v1', to: '../x/y' })).toEqual([
      ['failed', expect.stringMatching(/not a valid repository/u)],
    ])
    expect(await send('sent4', { tag: 'v1', type: 'x'.repeat(101) })).toEqual([
      ['failed', expect.stringMatching(/at most 100 characters/u)],
    ])
    expect(await send('sent5', { tag: 'x'.repeat(65_536) })).toEqual([
      ['failed', expect.stringMatching(/allows fewer than 65536/u)],
    ])
    github.sandbox.faults.add({ path: '/repos/acme/docs/dispatches', times: 1, action: { kind: 'disconnect-after' } })
    expect(await send('sent6', { tag: 'v2' })).toEqual([
      ['failed', expect.stringMatching(/may have been sent, and is not sent again/u)],
    ])
    expect(github.sandbox.admin.runs('acme/docs')).toHaveLength(2)
  })

  test('an event whose sending was interrupted is not sent again', async () => {
    const dispatch = '  - dispatch: { repository: acme/repoB, event-type: published }\n'
    await folder.writeFlow('sending', flow('sending', dispatch))
    const store = createDatabaseFlowStore(database)
    await store.accept(eventOf('half'), [runOf('half', { eventId: 'half', flow: 'sending' })])
    await store.startNext('sending', { concurrency: 1, stepCount: 1, now: 1 })
    await store.updateRun('half', (run) => {
      const open = openAttempt(run)
      return open ? withAttempt(run, startStep(open, 0, 1)) : run
    })
    const it = await start()
    expect(stepsOf(await it.whenEnded('half'))).toEqual([
      ['failed', 'the process that executed it has ended: the event may have been sent, and is not sent again'],
    ])
  })

  test('a poll starts its flow once for each event that it prints, and only for its own', async () => {
    await folder.write(
      'poll.js',
      `const event = (id) => console.log(JSON.stringify({ id, type: 'found', source: 'poll', payload: id }))
      event('polled1'), event('polled2'), event('polled1')`,
    )
    const on = `{ poll: { every: 1s, command: [${process.execPath}, poll.js] } }`
    await folder.writeFlow('watch', flow('watch', nodeStep('console.log(process.env.ORCH_EVENT_ID)'), on))
    const it = await start()
    const { store } = it.work.flows.ports
    for (const id of ['polled1', 'polled2']) {
      const runs = await until(async () => {
        const { items } = await store.listRuns({ eventId: id, limit: 10 })
        return items.length > 0 ? items : null
      }, 90_000)
      expect(lastAttempt(await it.whenEnded(idOf(runs))).output.stdout).toBe(`${id}\n`)
    }
    expect((await store.listRuns({ flow: 'watch', limit: 10 })).items).toHaveLength(2)
  })

  test('what is old is removed by the process that serves', async () => {
    await createDatabaseFlowStore(database).accept(eventOf('ancient', { unmatched: 'no flow matches' }), [])
    const it = await start()
    await until(async () => ((await it.work.flows.ports.store.readEvent('ancient')) ? null : true), 90_000)
  })

  test('a step locks the changes that match', async () => {
    await github.change('DPTA-31', 'repoD')
    await folder.writeFlow('release', flow('release', '  - invalidate: DPTA-3*\n'))
    const it = await start()
    expect(stepsOf(await it.whenEnded(idOf(await it.send('locked'))))).toEqual([['completed', 'locked DPTA-31']])
    expect(await github.states('repoD', 'DPTA-31')).toEqual(['pending'])
  })
})
