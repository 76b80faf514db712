import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { failureText } from './failure-text.js'

/** A program with its arguments, or a script for the shell of the system. */
export type Command = { kind: 'argv'; argv: readonly [string, ...string[]] } | { kind: 'shell'; script: string }

export interface RunProcessOptions {
  command: Command
  directory: string
  environment: Readonly<Record<string, string | undefined>>
  /** Written to its standard input, which is closed then; absent: it has none. */
  input?: string
  /** Called with each part of the output, which may end within a line. */
  onStdout: (text: string) => void
  onStderr: (text: string) => void
  /** Asks the process and what it started to end, when it aborts. */
  signal: AbortSignal
  /** The time between SIGTERM and SIGKILL, ms. */
  graceMs: number
  /** Resolves after so many ms, or when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Sends a signal to a group of processes. Nothing happens when it has ended. */
  signalGroup: (groupId: number, signal: 'SIGTERM' | 'SIGKILL') => void
}

export type ProcessEnd =
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  /** `why` is a clause. */
  | { kind: 'not-started'; why: string }

/** Runs a command in a process group of its own, so that what it starts can be ended with it, until it ends and closes its output. */
export async function runProcess(options: RunProcessOptions): Promise<ProcessEnd> {
  const { command, directory, environment, input, onStdout, onStderr, signal, graceMs, sleep, signalGroup } = options
  const [file, ...args] = command.kind === 'argv' ? command.argv : ([command.script] as const)
  let child: ChildProcess
  try {
    child = spawn(file, args, {
      cwd: directory,
      env: environment,
      shell: command.kind === 'shell',
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
  } catch (error) {
    return { kind: 'not-started', why: failureText(error) }
  }
  // A part may end within a character.
  child.stdout?.setEncoding('utf8').on('data', onStdout)
  child.stderr?.setEncoding('utf8').on('data', onStderr)
  // A command need not read its input.
  child.stdin?.on('error', () => undefined).end(input)
  const { pid } = child
  const over = new AbortController()
  const killLater = async (): Promise<void> => {
    await sleep(graceMs, over.signal)
    if (pid === undefined || over.signal.aborted) return
    signalGroup(pid, 'SIGKILL')
    if (child.exitCode === null && child.signalCode === null) return
    // A process in a group of its own may keep the output open for ever.
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
  const stop = (): void => {
    if (pid !== undefined) signalGroup(pid, 'SIGTERM')
    void killLater()
  }
  // What it left behind may keep its output open.
  child.once('exit', () => void killLater())
  const ended = whenEnded(child)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await ended
  } finally {
    over.abort()
    signal.removeEventListener('abort', stop)
    // Also when the command itself ended in time: processes that it left would keep running.
    if (signal.aborted && pid !== undefined) signalGroup(pid, 'SIGKILL')
  }
}

function whenEnded(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', why: failureText(error) }))
    child.once('close', (code, signal) =>
      resolve(code === null ? { kind: 'signalled', signal: signal ?? 'an unknown signal' } : { kind: 'exited', code }),
    )
  })
}
