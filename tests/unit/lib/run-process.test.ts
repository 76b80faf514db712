import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { thisMachine } from '../../../src/lib/process-liveness.js'
import { runProcess } from '../../../src/lib/run-process.js'
import type { ProcessEnd } from '../../../src/lib/run-process.js'
import { signalGroup } from '../../../src/lib/signal-group.js'
import { realClock, until } from '../../support/queue-room.js'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-process-'))
})
afterAll(() => rm(directory, { recursive: true }))

interface Running {
  end: Promise<{ end: ProcessEnd; output: string }>
  stop: () => void
}

function start(command: string, args: readonly string[], environment: Record<string, string> = {}): Running {
  const stopped = new AbortController()
  let output = ''
  const keep = (text: string): void => void (output += text)
  const ended = runProcess({
    command: { kind: 'argv', argv: [command, ...args] },
    directory,
    environment: { PATH: process.env['PATH'], ...environment },
    onStdout: keep,
    onStderr: keep,
    signal: stopped.signal,
    graceMs: 1,
    sleep: (ms, signal) => realClock.sleep(ms, signal),
    signalGroup,
  })
  return { end: ended.then((end) => ({ end, output })), stop: () => stopped.abort() }
}

/** Runs a script of Node, which is the same on all machines. */
function script(text: string, environment?: Record<string, string>): Running {
  return start(process.execPath, ['-e', text], environment)
}

/** The process id that a script has written to a file. */
function pidIn(file: string): Promise<number> {
  return until(async () => {
    const text = await readFile(join(directory, file), 'utf8').catch(() => '')
    return text === '' ? null : Number(text)
  })
}

function whenGone(pid: number): Promise<true> {
  return until(() => Promise.resolve(thisMachine.isAlive(pid) ? null : true))
}

/** A process that ignores SIGTERM and writes its id to a file once it does. */
const stubborn = (file: string): string =>
  `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); require('fs').writeFileSync('${file}', String(process.pid))`

/** Waits until a file has content. */
const untilWritten = (file: string): string =>
  `(function look() { try { if (require('fs').readFileSync('${file}', 'utf8') !== '') return } catch {} setTimeout(look, 20) })()`

const exited = (code: number) => ({ kind: 'exited', code })

describe('a process', () => {
  test('ends with its exit code, and its output is passed on', async () => {
    const { end, output } = await script("console.log('built'); console.error('with a warning')").end
    expect(end).toEqual(exited(0))
    expect(output).toMatch(/^(built\nwith a warning|with a warning\nbuilt)\n$/u)
    expect(await script('').end).toEqual({ end: exited(0), output: '' })
  })

  test('ends with another exit code, and with the signal that ended it', async () => {
    expect(await script("console.log('no'); process.exitCode = 3").end).toEqual({ end: exited(3), output: 'no\n' })
    expect((await script("process.kill(process.pid, 'SIGKILL')").end).end).toEqual({
      kind: 'signalled',
      signal: 'SIGKILL',
    })
  })

  test('is not started if the program does not exist or its name cannot be one', async () => {
    expect((await start('orch-no-such-program', []).end).end).toEqual({
      kind: 'not-started',
      why: 'spawn orch-no-such-program ENOENT',
    })
    expect((await start('a\0b', []).end).end.kind).toBe('not-started')
  })

  test('its arguments reach the program as they are, because there is no shell', async () => {
    const hostile = ['$(touch owned)', '; touch owned', '`touch owned`', '* && touch owned', "'"]
    const print = 'console.log(JSON.stringify(process.argv.slice(1)))'
    const { output } = await start(process.execPath, ['-e', print, '--', ...hostile]).end
    expect(output).toBe(`${JSON.stringify(hostile)}\n`)
    await expect(readFile(join(directory, 'owned'))).rejects.toThrow('ENOENT')
  })

  test('has the variables that it is given, and no other of this process', async () => {
    process.env['ORCH_API_TOKEN'] = 'the token of the administrator'
    try {
      const print = 'console.log(process.env.ORCH_API_TOKEN, process.env.TZ, process.cwd() === process.env.PLACE)'
      const { output } = await script(print, { TZ: 'UTC', PLACE: directory }).end
      expect(output).toBe('undefined UTC true\n')
    } finally {
      delete process.env['ORCH_API_TOKEN']
    }
  })

  test('a character that arrives in two parts is kept whole', async () => {
    const parts = `const part = (...bytes) => process.stdout.write(Buffer.from(bytes))
      part(0xe2, 0x82); setTimeout(() => part(0xac), 100)`
    expect((await script(parts).end).output).toBe('€')
  })

  test('is ended with every process that it has started, also those that ignore SIGTERM', async () => {
    const child = JSON.stringify(stubborn('child.pid'))
    const parent = `require('child_process').spawn(process.execPath, ['-e', ${child}], { stdio: 'ignore' }); ${stubborn('parent.pid')}`
    const running = script(parent)
    const pids = [await pidIn('child.pid'), await pidIn('parent.pid')]
    running.stop()
    expect((await running.end).end).toEqual({ kind: 'signalled', signal: 'SIGKILL' })
    await Promise.all(pids.map(whenGone))
  })

  test('ends although a process that it left in the background holds its output, and that process is ended', async () => {
    const background = JSON.stringify(stubborn('background.pid'))
    const leave = `require('child_process').spawn(process.execPath, ['-e', ${background}], { stdio: 'inherit' }).unref(); console.log('left')`
    expect(await script(`${leave}; ${untilWritten('background.pid')}`).end).toEqual({
      end: exited(0),
      output: 'left\n',
    })
    await whenGone(await pidIn('background.pid'))
  })

  test('ends although a process in a group of its own holds its output', async () => {
    const background = JSON.stringify(stubborn('detached.pid'))
    const leave = `require('child_process').spawn(process.execPath, ['-e', ${background}], { stdio: 'inherit', detached: true }).unref(); console.log('left')`
    const running = script(`${leave}; ${untilWritten('detached.pid')}`)
    const pid = await pidIn('detached.pid')
    try {
      expect(await running.end).toEqual({ end: exited(0), output: 'left\n' })
    } finally {
      process.kill(pid, 'SIGKILL')
    }
    await whenGone(pid)
  })
})
