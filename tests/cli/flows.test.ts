import { readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startCommand } from '../support/command.js'
import type { CommandOptions, Ended } from '../support/command.js'
import { nodeStep } from '../support/flow-client-contract.js'
import { openFlowFolder } from '../support/flow-folder.js'
import type { FlowFolder } from '../support/flow-folder.js'
import { TestClock } from '../support/test-clock.js'

const release = `name: release
on: { event: { types: [upstream.release] } }
steps:
${nodeStep('console.log("ORCH_RESULT " + JSON.stringify({ status: process.env.STATUS ?? "changed" }))', '    env: [STATUS]\n')}`
const announce = `name: announce
on: { dispatch: true }
steps:
${nodeStep('process.stdin.pipe(process.stdout)')}`

let folder: FlowFolder
beforeEach(async () => {
  folder = await openFlowFolder({ release, announce })
})
afterEach(() => folder[Symbol.asyncDispose]())

function orch(words: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const fetch = (): Promise<Response> => Promise.reject(new Error('no request is sent'))
  return startCommand({ directory: folder.directory, clock: new TestClock(Date.now()), env: {}, fetch }, words, options)
    .ended
}

const send = ['event', 'send', 'upstream.release', '--id', 'e1', '--source', 'patch']

async function json(words: readonly string[]): Promise<unknown> {
  const { stdout } = await orch([...words, '--json'])
  return JSON.parse(stdout)
}

describe('orch event', () => {
  test('send runs the flow that matches, and the same event again starts nothing', async () => {
    const first = await orch([...send, '--payload', '{"tag":"v1"}'])
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^event e1\n✔ release [0-9a-f]{20} {2}changed\n$/u)
    expect((await orch([...send, '--payload', '{"tag":"v1"}'])).stdout).toBe(first.stdout)
    expect(await json(['runs', 'list'])).toMatchObject({ items: [{ attempt: 1, eventId: 'e1' }] })
  })

  test('send returns 1 when the run needs attention', async () => {
    const { code, stdout } = await orch(send, { env: { STATUS: 'blocked' } })
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/! release [0-9a-f]{20} {2}blocked: the flow reported blocked\n$/u),
    ])
  })

  test('send returns 1 and names the field when another event has the id', async () => {
    await orch(send)
    const { code, stderr } = await orch([...send, '--payload', '{"tag":"v2"}'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('another event has the id "e1": its payload differs')])
  })

  test.each([
    ['{"tag":', 'line 1, column 8: value expected'],
    ['{\n "tag": v1 }', 'line 2, column 9: invalid symbol'],
    ['', 'it is empty'],
    [`"${'x'.repeat(1024 * 1024)}"`, 'the limit is 1 MiB'],
    ['@absent.json', 'no such file'],
  ])('send with the payload %.12s returns 2 and says why', async (payload, why) => {
    const { code, stderr } = await orch([...send, '--payload', payload])
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)])
    expect(await json(['event', 'list'])).toEqual({ items: [] })
  })

  test('send reads the payload from a file and from the standard input', async () => {
    await folder.write('payload.json', '{"tag":"file"}')
    await orch([...send, '--payload', '@payload.json'])
    await orch(['event', 'send', 'other', '--id', 'e2', '--source', 's', '--payload', '-'], {
      stdin: '{"tag":"stdin"}',
    })
    expect(await json(['event', 'list'])).toMatchObject({
      items: [{ payload: { tag: 'stdin' } }, { payload: { tag: 'file' } }],
    })
  })

  test('show prints an event with its payload and its runs, and replay runs it again', async () => {
    await orch([...send, '--payload', '{"tag":"v1"}'])
    const shown = await orch(['event', 'show', 'e1'])
    expect(shown.stdout).toMatch(
      /^event e1\n {2}type upstream.release from patch, noticed .*\n {2}\{\n {4}"tag": "v1"\n {2}\}\n✔ release/u,
    )
    const replayed = await orch(['event', 'replay', 'e1'])
    expect([replayed.code, replayed.stdout]).toEqual([0, expect.stringContaining(', attempt 2  changed')])
  })

  test('an event that matches nothing is kept, and the answer names what there is', async () => {
    const { code, stdout } = await orch(['event', 'send', 'docs.changed', '--id', 'e', '--source', 's'])
    expect([code, stdout]).toEqual([
      0,
      'event e\n' +
        'It is kept, but started nothing: no flow matches the type "docs.changed" from "s"; flows started by events: release (upstream.release)\n' +
        'orch event replay matches it again when the flows have changed.\n',
    ])
  })

  test('hostile text of an event cannot drive the terminal', async () => {
    await orch(['event', 'send', 'a\u202e', '--id', 'e\u009b31m'.replace('\u009b', '\u2066'), '--source', 's'])
    const { stdout } = await orch(['event', 'list'])
    expect(stdout).toContain(String.raw`a\u{202e}`)
    expect(stdout).not.toContain('\u202e')
  })
})

describe('orch runs', () => {
  test('show, log and cancel name the run, and an unknown one returns 1', async () => {
    await orch(send)
    const { items } = (await json(['runs', 'list', '--status', 'completed'])) as { items: { id: string }[] }
    const id = items[0]?.id ?? ''
    expect((await orch(['runs', 'show', id])).stdout).toContain('attempt 1: completed')
    expect((await orch(['runs', 'log', id])).stdout).toBe('ORCH_RESULT {"status":"changed"}\n')
    expect(await orch(['runs', 'watch', id])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('changed') as string,
    })
    expect(await orch(['runs', 'cancel', id])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has ended already') as string,
    })
    expect(await orch(['runs', 'show', 'x'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no run "x"') as string,
    })
    expect((await orch(['runs', 'list', '--status', 'done'])).code).toBe(2)
    expect((await orch(['runs', 'list', '--limit', '0'])).code).toBe(2)
  })
})

describe('orch handoff', () => {
  test('hands a text and files to a flow', async () => {
    await folder.write('notes.md', 'N')
    await folder.write('more/b.txt', 'B')
    const words = [
      'handoff',
      'announce',
      '--payload',
      'plain text',
      '--context-file',
      'a.md=notes.md',
      '--context-dir',
      'more',
    ]
    expect((await orch(words)).code).toBe(0)
    const { items } = (await json(['event', 'list'])) as { items: { id: string }[] }
    expect(await json(['event', 'show', items[0]?.id ?? ''])).toMatchObject({
      event: {
        payload: 'plain text',
        context: {
          files: [
            { name: 'a.md', content: 'N' },
            { name: 'b.txt', content: 'B' },
          ],
        },
      },
    })
  })

  test.each([
    ['../x=notes.md', 'it contains a path separator'],
    ['a/b=notes.md', 'it contains a path separator'],
    ['C:x=notes.md', 'it contains one of'],
    ['nul.txt=notes.md', 'it is the name of a device'],
    ['..=notes.md', 'it names a folder'],
    ['a=binary.bin', 'is binary'],
    ['a=large.txt', 'larger than 1 MiB'],
    ['a=link.md', 'it is a link'],
    ['a=absent.md', 'cannot be read'],
    ['notes.md', 'it must have a name and a path'],
  ])('the context file %s is refused with 2 before anything is kept', async (file, why) => {
    await folder.write('notes.md', 'N')
    await folder.write('binary.bin', Uint8Array.from([0xff, 0xfe, 0]))
    await folder.write('large.txt', 'x'.repeat(1024 * 1024 + 1))
    await symlink(join(folder.directory, 'notes.md'), join(folder.directory, 'link.md'))
    const { code, stderr } = await orch(['handoff', 'announce', '--context-file', file])
    expect([code, stderr]).toEqual([2, expect.stringContaining(why)])
    expect(await readdir(join(folder.directory, '.orch'))).toEqual(['flows'])
  })

  test.each([
    ['anounce', 'Did you mean announce'],
    ['release', 'its file has no dispatch: true'],
  ])('a handoff to %s returns 1 and keeps nothing', async (flow, why) => {
    const { code, stderr } = await orch(['handoff', flow])
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)])
    expect(await json(['event', 'list'])).toEqual({ items: [] })
  })
})

describe('orch flows', () => {
  test('disable keeps events from starting a flow, and enable lets them again', async () => {
    expect((await orch(['flows', 'disable', 'release'])).stdout).toBe('release is disabled\n')
    expect((await orch(send)).stdout).toContain('started nothing: release is disabled')
    expect((await orch(['flows', 'enable', 'release'])).stdout).toBe('release is enabled\n')
    expect((await orch(['event', 'replay', 'e1'])).stdout).toContain('✔ release')
    expect((await orch(['flows', 'disable', 'relase'])).stderr).toContain('Did you mean release')
  })

  test('check reports each mistake with its place and returns 1', async () => {
    expect(await orch(['flows', 'check'])).toMatchObject({ code: 0, stdout: '2 flows, no mistakes\n' })
    await folder.writeFlow('release', 'name: release\non: { evnt: {} }\nsteps:\n  - exec: "echo ${{ event.id }}"\n')
    const { code, stdout } = await orch(['flows', 'check'])
    expect(code).toBe(1)
    expect(stdout.split('\n')).toEqual([
      '.orch/flows/release/flow.yaml: line 2, column 1: nothing starts this flow (add one of event, dispatch, schedule, poll below "on")',
      '.orch/flows/release/flow.yaml: line 2, column 7: unknown key "evnt" in "on" (did you mean event?)',
      '.orch/flows/release/flow.yaml: line 4, column 11: expressions are not replaced in a command (read the event from the standard input, which has it as JSON)',
      '',
    ])
  })

  test('list and show name the state, the triggers and the steps', async () => {
    expect((await orch(['flows', 'list'])).stdout).toContain(
      'release   enabled  event       1 step  .orch/flows/release/flow.yaml',
    )
    expect((await orch(['flows', 'show', 'announce'])).stdout).toContain('started by dispatch')
    expect((await orch(['flows', 'show', 'x'])).code).toBe(1)
  })
})
