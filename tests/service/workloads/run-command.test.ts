import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { machineProcesses } from '../../../src/cli/process/processes.js'
import type { Execution } from '../../../src/service/workloads/execution.js'
import { createRunCommand } from '../../../src/service/workloads/run-command.js'
import type { WorkloadEnd } from '../../../src/service/workloads/workload-row.js'
import { realClock, until } from '../../support/queue-room.js'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-command-'))
})
afterAll(() => rm(directory, { recursive: true }))

interface Running {
  end: Promise<WorkloadEnd>
  cancel: (by: string) => void
  /** What happens when another process executes the workload from now on. */
  abort: () => void
}

function start(command: string, args: readonly string[], environment: Record<string, string> = {}): Running {
  const aborted = new AbortController()
  let cancel: (by: string) => void = () => undefined
  const execution: Execution = {
    id: 'a1',
    signal: aborted.signal,
    isHandedOn: () => false,
    orchestration: null,
    recordOrchestration: () => Promise.reject(new Error('a command begins no orchestration')),
    mayWrite: () => true,
    onCancel: (listener) => (cancel = listener),
    onDrive: () => undefined,
  }
  const execute = createRunCommand({
    // Between SIGTERM and SIGKILL no time passes here.
    clock: { now: () => realClock.now(), sleep: () => Promise.resolve() },
    directory,
    environment: { PATH: process.env['PATH'], ...environment },
    signalGroup: machineProcesses.signalGroup,
  })
  return {
    end: execute({ kind: 'command', command, args }, execution),
    cancel: (by) => cancel(by),
    abort: () => aborted.abort('another process has taken the work over'),
  }
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
  return until(() => Promise.resolve(machineProcesses.isAlive(pid) ? null : true))
}

/** A process that ignores SIGTERM and writes its id to a file once it does. */
const stubborn = (file: string): string =>
  `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); require('fs').writeFileSync('${file}', String(process.pid))`

describe('a command as a workload', () => {
  test('completes with the exit code and the output of the command', async () => {
    expect(await script("console.log('built'); console.error('with a warning')").end).toEqual({
      status: 'completed',
      result: expect.stringMatching(/^exit code 0\n(built\nwith a warning|with a warning\nbuilt)$/u) as string,
    })
    expect(await script('').end).toEqual({ status: 'completed', result: 'exit code 0' })
  })

  test('fails with another exit code, and with the signal that ended the command', async () => {
    expect(await script("console.log('no'); process.exitCode = 3").end).toEqual({
      status: 'failed',
      result: 'exit code 3\nno',
    })
    expect(await script("process.kill(process.pid, 'SIGKILL')").end).toEqual({
      status: 'failed',
      result: 'ended by SIGKILL',
    })
  })

  test('fails if the program does not exist or its name cannot be one', async () => {
    const absent = await start('orch-no-such-program', []).end
    expect(absent).toEqual({
      status: 'failed',
      result: 'the command could not be started: spawn orch-no-such-program ENOENT',
    })
    expect(await start('a\0b', []).end).toMatchObject({
      status: 'failed',
      result: expect.stringMatching(/^the command could not be started: /u) as string,
    })
  })

  test('its arguments reach the program as they are, because there is no shell', async () => {
    const hostile = ['$(touch owned)', '; touch owned', '`touch owned`', '* && touch owned', "'"]
    const print = 'console.log(JSON.stringify(process.argv.slice(1)))'
    const { result } = await start(process.execPath, ['-e', print, '--', ...hostile]).end
    expect(result).toBe(`exit code 0\n${JSON.stringify(hostile)}`)
    await expect(readFile(join(directory, 'owned'))).rejects.toThrow('ENOENT')
  })

  test('it has the variables that it is given, and no other of this process', async () => {
    process.env['ORCH_API_TOKEN'] = 'the token of the administrator'
    try {
      const print = 'console.log(process.env.ORCH_API_TOKEN, process.env.TZ, process.cwd() === process.env.PLACE)'
      const { result } = await script(print, { TZ: 'UTC', PLACE: directory }).end
      expect(result).toBe('exit code 0\nundefined UTC true')
    } finally {
      delete process.env['ORCH_API_TOKEN']
    }
  })

  test('the end of its output is kept, without characters that drive a terminal or that a database refuses', async () => {
    const long = await script("for (let i = 0; i < 5000; i += 1) console.log('line ' + i)").end
    expect(long.result.length).toBeLessThanOrEqual(16_100)
    expect(long.result).toMatch(/\nline 4999$/u)
    const hostile = await script(String.raw`console.log('a\u001b]0;title\u0007b\u0000c\u202ed')`).end
    for (const unsafe of ['\0', '\u0007', '\u001b', '\u202e']) expect(hostile.result).not.toContain(unsafe)
    expect(hostile.result).toMatch(/^exit code 0\na.*b.*c.*d$/u)
  })

  test('a character that arrives in two parts is kept whole', async () => {
    const parts = `const part = (...bytes) => process.stdout.write(Buffer.from(bytes))
      part(0xe2, 0x82); setTimeout(() => part(0xac), 100)`
    expect((await script(parts).end).result).toBe('exit code 0\n€')
  })

  test('a cancel ends it and every process that it has started, also those that ignore SIGTERM', async () => {
    const child = JSON.stringify(stubborn('child.pid'))
    const parent = `require('child_process').spawn(process.execPath, ['-e', ${child}], { stdio: 'ignore' }); ${stubborn('parent.pid')}`
    const running = script(parent)
    const pids = [await pidIn('child.pid'), await pidIn('parent.pid')]
    running.cancel('@somebody\u001b[2J')
    const { status, result } = await running.end
    expect(status).toBe('cancelled')
    expect(result).toMatch(/^cancelled by @somebody/u)
    expect(result).not.toContain('\u001b')
    await Promise.all(pids.map(whenGone))
  })

  test('it is ended when another process executes the workload from now on', async () => {
    const running = script(stubborn('moved.pid'))
    const pid = await pidIn('moved.pid')
    running.abort()
    await running.end
    await whenGone(pid)
  })
})
