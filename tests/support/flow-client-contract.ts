import { describe, expect, test } from 'vitest'
import type { FlowClient, FlowRunJson, NewEventJson } from '../../src/client/index.js'
import type { FlowFolder } from './flow-folder.js'
import { openFlowFolder } from './flow-folder.js'

/** A client whose flows are in a folder, and how to wait for the end of what it started. */
export interface ClientScene extends AsyncDisposable {
  client: FlowClient
  folder: FlowFolder
}

export type OpenClient = (folder: FlowFolder) => Promise<{ client: FlowClient; close: () => Promise<void> }>

/** A step that runs a script of Node, which is the same on all machines. */
export function nodeStep(script: string, more = ''): string {
  return `  - exec: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(script)}]\n${more}`
}

function flow(name: string, on: string, steps: string): string {
  return `name: ${name}\non: ${on}\nsteps:\n${steps}`
}

const onRelease = '{ event: { types: ["upstream.*"], source: patch, payload: { type: object, required: [tag] } } }'

export function release(id: string, fields: Partial<NewEventJson> = {}): NewEventJson {
  return { id, type: 'upstream.release', source: 'patch', payload: { tag: 'v1' }, ...fields }
}

/** Lists that lie in each other. */
function nested(levels: number): unknown {
  let value: unknown = null
  for (let level = 0; level < levels; level += 1) value = [value]
  return value
}

const result = (status: string, message = ''): string =>
  `console.log('ORCH_RESULT ' + JSON.stringify(${JSON.stringify({ status, message, artifacts: [{ path: 'a' }] })}))`

/** The same for each mode of the client. */
export function describeFlowClient(mode: string, open: OpenClient): void {
  async function scene(flows: Readonly<Record<string, string>>): Promise<ClientScene> {
    const folder = await openFlowFolder(flows)
    const { client, close } = await open(folder)
    return {
      client,
      folder,
      [Symbol.asyncDispose]: async () => {
        await close()
        await folder[Symbol.asyncDispose]()
      },
    }
  }

  /** The run once it has ended. */
  async function ended(client: FlowClient, id: string): Promise<FlowRunJson> {
    let last: FlowRunJson | null = null
    for await (const run of client.watchRun(id)) last = run
    if (!last) throw new Error('the run was not shown')
    return last
  }

  /** Sends an event and waits for the end of its only run. */
  async function runOf(client: FlowClient, event: NewEventJson): Promise<FlowRunJson> {
    const { runs } = await client.dispatchEvent(event)
    expect(runs).toHaveLength(1)
    return ended(client, runs[0]?.id ?? '')
  }

  // Each test has flows of its own, and mostly waits for their commands.
  describe.concurrent(`the client over ${mode}`, () => {
    test('a deterministic event is dispatched, read back and its runs are listed', async () => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep(result('changed', 'built'))) })
      const { client: flows } = opened
      const event = {
        id: 'patch:upstream.release:openai/codex:rust-v1.2.3',
        type: 'upstream.release',
        source: 'patch',
        receivedAt: new Date(0).toISOString(),
        payload: { repo: 'openai/codex', tag: 'rust-v1.2.3' },
      }
      await flows.dispatchEvent(event)
      const flowEvent = await flows.getEvent(event.id)
      const runs = await flows.listRuns({ eventId: event.id })
      expect(flowEvent).toMatchObject(event)
      expect(runs).toHaveLength(1)
      expect(await ended(flows, runs[0]?.id ?? '')).toMatchObject({
        flow: 'release',
        eventId: event.id,
        attempt: 1,
        status: 'completed',
        effectiveStatus: 'changed',
        needsAttention: false,
        attention: null,
        result: { status: 'changed', message: 'built', artifacts: [{ path: 'a' }] },
      })
    })

    test('the same event again returns the first result and starts nothing', async () => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep('console.log(1)')) })
      const { client } = opened
      const run = await runOf(client, release('e', { receivedAt: new Date(0).toISOString() }))
      const again = await client.dispatchEvent(release('e', { receivedAt: new Date(1).toISOString() }))
      expect(again.runs).toEqual([run])
      expect(again.event.receivedAt).toBe(new Date(0).toISOString())
    })

    test('of sixty identical events sent at once one starts a run', async () => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep('console.log(1)')) })
      const { client } = opened
      const all = await Promise.all(Array.from({ length: 60 }, () => client.dispatchEvent(release('e'))))
      const ids = new Set(all.flatMap(({ runs }) => runs.map(({ id }) => id)))
      expect(ids.size).toBe(1)
      expect((await ended(client, [...ids][0] ?? '')).attempts).toHaveLength(1)
    })

    test.each([
      ['type', { type: 'upstream.other' }],
      ['source', { source: 'other' }],
      ['payload', { payload: { tag: 'v2' } }],
      ['context', { context: { files: [{ name: 'a.txt', content: '' }] } }],
    ])('another event under a known id is refused and the field %s is named', async (field, fields) => {
      await using opened = await scene({})
      const { client } = opened
      await client.dispatchEvent(release('e'))
      await expect(client.dispatchEvent(release('e', fields))).rejects.toMatchObject({ code: 'CONFLICT', field })
    })

    test.each([
      ['payload', { payload: nested(501) }],
      ['receivedAt', { receivedAt: '2016-12-31T23:59:60Z' }],
      ['context.files[0].content', { context: { files: [{ name: 'x', content: 'a\ud800' }] } }],
      ['id', { id: '' }],
      ['id', { id: '..' }],
      ['id', { id: 'x'.repeat(256) }],
      ['type', { type: 1 as unknown as string }],
      ['payload', { payload: 'x'.repeat(1024 * 1024) }],
      ['receivedAt', { receivedAt: 'yesterday' }],
      ['unknown', { type: 'upstream.release', unknown: true }],
      ['context.files[0].name', { context: { files: [{ name: '../x', content: '' }] } }],
      ['context.files[0].content', { context: { files: [{ name: 'x', content: 'a\0b' }] } }],
    ])('an event whose %s is not valid is refused and not kept', async (field, fields) => {
      await using opened = await scene({})
      const { client } = opened
      await expect(client.dispatchEvent(release('e', fields))).rejects.toMatchObject({ code: 'INVALID_REQUEST', field })
      expect(await client.listEvents()).toEqual([])
    })

    test('an event that JSON cannot express is refused before it is sent', async () => {
      await using opened = await scene({})
      const { client } = opened
      const cycle: Record<string, unknown> = {}
      cycle['self'] = cycle
      for (const payload of [cycle, 1n, nested(100_000)])
        await expect(client.dispatchEvent(release('e', { payload }))).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
      expect(await client.listEvents()).toEqual([])
    })

    test('an event that matches nothing is kept with the reason, and a replay matches it again', async () => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep('console.log(1)')) })
      const { client, folder } = opened
      const { event, runs } = await client.dispatchEvent(release('e', { type: 'docs.changed' }))
      expect(runs).toEqual([])
      expect(event.unmatched).toBe(
        'no flow matches the type "docs.changed" from "patch"; flows started by events: release (upstream.* from patch)',
      )
      await folder.writeFlow('docs', flow('docs', '{ event: { types: [docs.changed] } }', nodeStep('console.log(2)')))
      const replayed = await client.replayEvent('e')
      expect((await ended(client, replayed.runs[0]?.id ?? '')).output.stdout).toBe('2\n')
    })

    test('a payload that fails the schema of a flow starts nothing and says why', async () => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep('console.log(1)')) })
      const { event } = await opened.client.dispatchEvent(release('e', { payload: {} }))
      expect(event.unmatched).toBe("release does not accept the payload: payload must have required property 'tag'")
    })

    test('a replay is a new attempt of the same run, which knows that it is one', async () => {
      await using opened = await scene({
        release: flow(
          'release',
          onRelease,
          nodeStep('console.log(process.env.ORCH_REPLAY, process.env.ORCH_ATTEMPT_ID)'),
        ),
      })
      const { client } = opened
      const { id } = await runOf(client, release('e'))
      await client.replayEvent('e')
      const run = await ended(client, id)
      expect(run.attempt).toBe(2)
      expect(run.attempts.map(({ output }) => output.stdout)).toEqual([`undefined ${id}-1\n`, `1 ${id}-2\n`])
    })

    test('a step gets the event on its standard input, the ids and the context files', async () => {
      const script = `
        const { readFileSync, readdirSync, statSync } = require('node:fs')
        const { ORCH_CONTEXT_DIR: dir, ORCH_EVENT_ID, ORCH_RUN_ID, SECRET, OTHER } = process.env
        const event = JSON.parse(readFileSync(0, 'utf8'))
        const files = readdirSync(dir).map((name) => [name, readFileSync(dir + '/' + name, 'utf8')])
        console.log(JSON.stringify({ event, files, ORCH_EVENT_ID, ORCH_RUN_ID, OTHER, folder: require('node:path').basename(dir) }))`
      await using opened = await scene({ release: flow('release', onRelease, nodeStep(script)) })
      const { client } = opened
      const context = { files: [{ name: 'notes.md', content: 'ä\n' }] }
      const run = await runOf(client, release('e', { context }))
      const said = JSON.parse(run.output.stdout) as Record<string, unknown>
      expect(said).toMatchObject({
        event: { id: 'e', payload: { tag: 'v1' }, context: { files: [{ name: 'notes.md' }] } },
        files: [['notes.md', 'ä\n']],
        ORCH_EVENT_ID: 'e',
        ORCH_RUN_ID: run.id,
        folder: 'trigger-context',
      })
    })

    test.each([
      ['a result of the flow', result('blocked', 'a review is missing'), 'completed', 'blocked', 'a review is missing'],
      [
        'a result that is not JSON',
        "console.log('ORCH_RESULT {')",
        'completed',
        'failed',
        /^the result is not valid JSON/u,
      ],
      [
        'a result that nothing could write again',
        `console.log('ORCH_RESULT {"status":"changed","artifacts":' + '['.repeat(100000) + ']'.repeat(100000) + '}')`,
        'completed',
        'failed',
        'the result is nested too deep',
      ],
      ['an exit code beside a result', `${result('changed')}; process.exitCode = 4`, 'failed', 'failed', 'exit code 4'],
      ['a result with an unknown status', result('fine'), 'completed', 'failed', /unknown status "fine"/u],
      ['an exit code', 'process.exit(3)', 'failed', 'failed', 'exit code 3'],
    ])('%s decides whether a run needs attention', async (_what, script, status, effectiveStatus, attention) => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep(script)) })
      const run = await runOf(opened.client, release('e'))
      const why = typeof attention === 'string' ? attention : (expect.stringMatching(attention) as string)
      expect(run).toMatchObject({ status, effectiveStatus, needsAttention: true, attention: why })
    })

    test('the last result line counts, also under its other name', async () => {
      const script = `${result('failed', 'first')}; console.log('FLOW_RESULT {"status":"skipped"}')`
      await using opened = await scene({ release: flow('release', onRelease, nodeStep(script)) })
      expect(await runOf(opened.client, release('e'))).toMatchObject({
        effectiveStatus: 'skipped',
        result: { message: '' },
      })
    })

    test('a failed step ends the run, and the steps after it do not start', async () => {
      const steps = nodeStep('process.exit(1)') + nodeStep('console.log(2)')
      await using opened = await scene({ release: flow('release', onRelease, steps) })
      const run = await runOf(opened.client, release('e'))
      expect(run.attempts[0]?.steps.map(({ status }) => status)).toEqual(['failed', 'queued'])
      expect(run.output.stdout).toBe('')
    })

    test('a step that takes longer than its timeout is ended and the run fails', async () => {
      const steps = nodeStep('setInterval(() => {}, 1000)', '    timeout-minutes: 0.005\n')
      await using opened = await scene({ release: flow('release', onRelease, steps) })
      const run = await runOf(opened.client, release('e'))
      expect(run).toMatchObject({ status: 'failed', attention: 'it took longer than its timeout-minutes (0.005)' })
    })

    test('a running run is cancelled, and one that has ended is not', async () => {
      await using opened = await scene({
        release: flow('release', onRelease, nodeStep('console.log("up"); setInterval(() => {}, 1000)')),
      })
      const { client } = opened
      const dispatched = client.dispatchEvent(release('e'))
      const id = await running(client)
      await client.cancelRun(id)
      await dispatched
      expect(await ended(client, id)).toMatchObject({
        status: 'cancelled',
        effectiveStatus: 'cancelled',
        needsAttention: false,
      })
      await expect(client.cancelRun(id)).rejects.toMatchObject({ code: 'NOT_ALLOWED' })
    })

    test('the payload and the files are handed on to the next flow', async () => {
      const script = "console.log(require('node:fs').readFileSync(process.env.ORCH_CONTEXT_DIR + '/a.txt', 'utf8'))"
      await using opened = await scene({
        release: flow('release', onRelease, '  - handoff: announce\n'),
        announce: flow('announce', '{ dispatch: true }', nodeStep(script)),
      })
      const { client } = opened
      const run = await runOf(client, release('e', { context: { files: [{ name: 'a.txt', content: 'A' }] } }))
      const [next] = (await client.listRuns()).filter(({ flow: name }) => name === 'announce')
      expect(await ended(client, next?.id ?? '')).toMatchObject({ output: { stdout: 'A\n' } })
      expect(await client.getEvent(next?.eventId ?? '')).toMatchObject({
        source: 'flow:release',
        payload: { tag: 'v1' },
      })
      expect(run.attempts[0]?.steps[0]?.message).toBe(`handed on to announce as ${next?.eventId ?? ''}`)
    })

    test('a handoff to a flow that is unknown, disabled or does not accept it stores nothing', async () => {
      await using opened = await scene({
        release: flow('release', onRelease, nodeStep('console.log(1)')),
        announce: flow('announce', '{ dispatch: true }', nodeStep('console.log(1)')),
      })
      const { client } = opened
      await expect(client.handoff('anounce')).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: /Did you mean announce/u,
      })
      await expect(client.handoff('release')).rejects.toMatchObject({ code: 'NOT_ALLOWED' })
      await client.setFlowEnabled('announce', false)
      await expect(client.handoff('announce')).rejects.toMatchObject({ code: 'NOT_ALLOWED' })
      expect(await client.listEvents()).toEqual([])
      await client.setFlowEnabled('announce', true)
      const { runs } = await client.handoff('announce', { id: 'h', payload: 'text' })
      expect((await client.handoff('announce', { id: 'h', payload: 'text' })).runs.map(({ id }) => id)).toEqual(
        runs.map(({ id }) => id),
      )
    })

    test('flows that hand on to each other in a cycle are not started and the cycle is named', async () => {
      await using opened = await scene({
        a: flow('a', '{ dispatch: true }', '  - handoff: b\n'),
        b: flow('b', '{ dispatch: true }', '  - handoff: a\n'),
      })
      const { client } = opened
      await expect(client.handoff('a')).rejects.toMatchObject({ code: 'NOT_FOUND' })
      const [first] = await client.listFlows()
      expect(first).toMatchObject({
        state: 'invalid',
        problems: ['flows hand on to each other in a cycle: a -> b -> a'],
      })
    })

    test('one run of a flow executes at a time, and the others wait in their order', async () => {
      const script = "console.log('start', Date.now()); setTimeout(() => console.log('end', Date.now()), 50)"
      await using opened = await scene({ release: flow('release', onRelease, nodeStep(script)) })
      const { client } = opened
      const sent = await Promise.all(['e1', 'e2', 'e3'].map((id) => client.dispatchEvent(release(id))))
      const runs = await Promise.all(sent.map(({ runs: [run] }) => ended(client, run?.id ?? '')))
      const times = runs
        .map(({ output }) => output.stdout.match(/\d+/gu)?.map(Number) ?? [])
        .toSorted(([a = 0], [b = 0]) => a - b)
      for (const [index, [start = 0]] of times.entries())
        expect(start).toBeGreaterThanOrEqual(times[index - 1]?.[1] ?? 0)
    })

    test('the first flow of a name is used and the others are shown as shadowed', async () => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep('console.log("first")')) })
      const { client, folder } = opened
      await folder.write('flows/release/flow.yaml', flow('release', onRelease, nodeStep('console.log("second")')))
      expect((await runOf(client, release('e'))).output.stdout).toBe('first\n')
      expect((await client.listFlows()).map(({ file, state }) => [file, state])).toEqual([
        ['.orch/flows/release/flow.yaml', 'enabled'],
        ['flows/release/flow.yaml', 'shadowed'],
      ])
    })

    test('a flow that became invalid keeps its last valid version and is reported', async () => {
      await using opened = await scene({ release: flow('release', onRelease, nodeStep('console.log(1)')) })
      const { client, folder } = opened
      await runOf(client, release('e1'))
      await folder.writeFlow('release', 'name: release\nstep: []\n')
      expect((await runOf(client, release('e2'))).output.stdout).toBe('1\n')
      const [found] = await client.listFlows()
      expect(found?.state).toBe('enabled')
      expect(found?.problems[0]).toBe(
        'line 1, column 1: the key "on" is missing (say what starts the flow, such as on: { event: { types: [upstream.release] } })',
      )
    })

    test('what does not exist is reported as not found', async () => {
      await using opened = await scene({})
      const { client } = opened
      const notFound = { code: 'NOT_FOUND' }
      await expect(client.getEvent('e')).rejects.toMatchObject(notFound)
      await expect(client.getRun('r')).rejects.toMatchObject(notFound)
      await expect(client.replayEvent('e')).rejects.toMatchObject(notFound)
      await expect(client.cancelRun('r')).rejects.toMatchObject(notFound)
      await expect(client.setFlowEnabled('f', false)).rejects.toMatchObject(notFound)
      await expect(client.watchRun('r')[Symbol.asyncIterator]().next()).rejects.toMatchObject(notFound)
    })

    test('all events and runs are iterated page by page, newest first', async () => {
      await using opened = await scene({})
      const { client } = opened
      for (const id of ['e1', 'e2', 'e3', 'e4', 'e5']) await client.dispatchEvent(release(id))
      const ids: string[] = []
      for await (const { id } of client.events({ limit: 2 })) ids.push(id)
      expect(ids).toEqual(['e5', 'e4', 'e3', 'e2', 'e1'])
      expect((await client.listEvents({ limit: 2 })).map(({ id }) => id)).toEqual(['e5', 'e4'])
    })

    test('a call ends when its signal aborts or its time is over', async () => {
      const script = 'console.log("up"); setInterval(() => {}, 1000)'
      await using opened = await scene({ release: flow('release', onRelease, nodeStep(script)) })
      const { client } = opened
      const reason = new Error('enough')
      await expect(client.dispatchEvent(release('e'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      const dispatched = client.dispatchEvent(release('e'))
      const id = await running(client)
      const watched = client.watchRun(id, { timeoutMs: 50 })
      await expect(all(watched)).rejects.toMatchObject({ code: 'TIMEOUT' })
      await client.cancelRun(id)
      await dispatched
    })
  })

  async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
    const read: Item[] = []
    for await (const item of items) read.push(item)
    return read
  }

  /** The id of the only run, once its command has printed something. */
  async function running(client: FlowClient): Promise<string> {
    for (;;) {
      const [run] = await client.listRuns()
      if (run && run.output.stdout !== '') return run.id
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
