import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { StringDecoder } from 'node:string_decoder'
import { setImmediate } from 'node:timers/promises'
import type { Readable } from 'node:stream'
import type { SandboxClock } from '../../clock.js'
import { killGroup, signalGroup } from './process-registry.js'
import type { JobProcesses } from './process-group.js'

/** Waits of GitHub's runner from SIGINT to SIGTERM and from SIGTERM to SIGKILL (ms). */
const afterInterrupt = 7_500
const afterTerminate = 2_500

/** Time for which output is still read after a process has ended, if a background process holds its pipes open (ms). */
const afterExit = 1_000

export interface ProcessOptions {
  command: string
  arguments: string[]
  directory: string
  environment: Record<string, string>
  clock: SandboxClock
  /** Holds the group of the process as long as any member of it is alive. */
  processes: JobProcesses
  /** Ends the process with SIGINT, then SIGTERM, then SIGKILL. */
  interrupt: AbortSignal
  /** Ends the process at once with SIGKILL. */
  kill: AbortSignal
  /** Size of the output in bytes beyond which the rest is dropped. */
  outputLimit: number
  /** Called with each line of standard output or standard error, without its line end. */
  onLine: (line: string) => void
}

/** The result of a process; `message` says why it could not be started. */
export type ProcessEnd =
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  | { kind: 'not-started'; message: string }

/** Runs a process in its own group, without a terminal or standard input, and waits for it. */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const child = spawn(options.command, options.arguments, {
    cwd: options.directory,
    env: options.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error]
    return { kind: 'not-started', message: error.message }
  }
  const output = readOutput(child, options)
  const ended = new AbortController()
  options.processes.started(child.pid)
  const ending = endOnRequest(child.pid, options, ended.signal)
  const [code, signal] = await exitOf(child)
  ended.abort()
  await ending
  await finishOutput(output, child, options.clock)
  options.processes.ended(child.pid)
  return code === null ? { kind: 'signalled', signal: signal ?? 'unknown' } : { kind: 'exited', code }
}

const exitOf = (child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])))

async function endOnRequest(group: number, options: ProcessOptions, ended: AbortSignal): Promise<void> {
  const { clock, interrupt, kill } = options
  const forced = AbortSignal.any([ended, kill])
  await aborted(AbortSignal.any([forced, interrupt]))
  if (!forced.aborted) {
    signalGroup(group, 'SIGINT')
    await clock.sleep(afterInterrupt, forced)
  }
  if (!forced.aborted) {
    signalGroup(group, 'SIGTERM')
    await clock.sleep(afterTerminate, forced)
  }
  if (!ended.aborted) killGroup(group)
  // After an interrupt the rest of the group is killed at once: it received the same signals as its leader.
  else if (interrupt.aborted || kill.aborted) killGroup(group)
}

/** Resolves once the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

interface Output {
  received(): number
  /** Passes on the text after the last line end. */
  flush(): void
  closed: Promise<unknown>
}

function readOutput(child: ChildProcess, options: ProcessOptions): Output {
  let received = 0
  let full = false
  const take = (bytes: number): boolean => {
    received += bytes
    if (received <= options.outputLimit) return true
    if (!full)
      options.onLine(`##[warning]The output is longer than ${options.outputLimit} bytes; the rest is not kept.`)
    full = true
    return false
  }
  const streams = [child.stdout, child.stderr].flatMap((stream) => stream ?? [])
  const flushes = streams.map((stream) => readLines(stream, take, options.onLine))
  return {
    received: () => received,
    flush: () => flushes.forEach((flush) => flush()),
    closed: new Promise((resolve) => child.once('close', resolve)),
  }
}

function readLines(stream: Readable, take: (bytes: number) => boolean, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  stream.on('data', (chunk: Buffer) => {
    if (!take(chunk.length)) return
    const [first = '', ...others] = decoder.write(chunk).split('\n')
    parts.push(first)
    for (const line of others) {
      onLine(parts.join('').replace(/\r$/, ''))
      parts = [line]
    }
  })
  return () => {
    const rest = parts.join('') + decoder.end()
    parts = []
    if (rest !== '') onLine(rest.replace(/\r$/, ''))
  }
}

/** A background process may hold the pipes open forever, so the wait for the rest of the output is limited. */
async function finishOutput(output: Output, child: ChildProcess, clock: SandboxClock): Promise<void> {
  const done = new AbortController()
  await Promise.race([output.closed, clock.sleep(afterExit, done.signal)])
  done.abort()
  for (let before = -1; before < output.received();) {
    before = output.received()
    await setImmediate()
    await setImmediate()
  }
  child.stdout?.destroy()
  child.stderr?.destroy()
  output.flush()
}
