import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { failureText } from '../../lib/failure-text.js'
import { sanitize, sanitizeLogLine } from '../../lib/sanitize.js'
import type { Clock } from '../../ports/clock.js'
import type { Execute } from './execution.js'
import type { WorkloadEnd } from './workload-row.js'

export interface RunCommandOptions {
  clock: Clock
  /** The folder in which commands run. */
  directory: string
  /** Their environment: without the secrets of the service. */
  environment: Readonly<Record<string, string | undefined>>
  /** Sends a signal to a group of processes. Nothing happens when it has ended. */
  signalGroup: (groupId: number, signal: 'SIGTERM' | 'SIGKILL') => void
}

/** The part of the output that is kept: its end, in characters. */
const keptOutput = 16_000
/** The time between SIGTERM and SIGKILL, ms. */
const graceMs = 3_000

/** Runs a program without a shell, in a process group of its own. */
export function createRunCommand(options: RunCommandOptions): Execute<'command'> {
  return async ({ command, args }, { signal, onCancel }) => {
    const { clock, directory, environment } = options
    let child: ChildProcess
    try {
      child = spawn(command, args, {
        cwd: directory,
        env: environment,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    } catch (error) {
      return { status: 'failed', result: `the command could not be started: ${failureText(error)}` }
    }
    let output = ''
    const keep = (text: string): void => {
      output = (output + text).slice(-keptOutput)
    }
    // A chunk may end within a character.
    child.stdout?.setEncoding('utf8').on('data', keep)
    child.stderr?.setEncoding('utf8').on('data', keep)
    let cancelledBy: string | null = null
    const ended = whenEnded(child)
    let isOver = false
    const kill = (): void => {
      // The system may have given the number of an ended group to another one.
      if (!isOver) void killGroup(options, child, { clock, ended })
    }
    onCancel((by) => {
      cancelledBy = by
      kill()
    })
    signal.addEventListener('abort', kill, { once: true })
    if (signal.aborted) kill()
    const end = await ended
    isOver = true
    return toEnd(end, { cancelledBy, output })
  }
}

type CommandEnd = { kind: 'exited'; code: number | null; signal: string | null } | { kind: 'not-started'; why: string }

function whenEnded(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', why: failureText(error) }))
    child.once('close', (code, signal) => resolve({ kind: 'exited', code, signal }))
  })
}

async function killGroup(
  { signalGroup }: RunCommandOptions,
  { pid }: ChildProcess,
  { clock, ended }: { clock: Clock; ended: Promise<CommandEnd> },
): Promise<void> {
  if (pid === undefined) return
  signalGroup(pid, 'SIGTERM')
  await Promise.race([ended, clock.sleep(graceMs)])
  // Also when the command itself has just ended: processes that it left would keep running.
  signalGroup(pid, 'SIGKILL')
}

function toEnd(end: CommandEnd, { cancelledBy, output }: { cancelledBy: string | null; output: string }): WorkloadEnd {
  if (end.kind === 'not-started')
    return { status: 'failed', result: `the command could not be started: ${sanitizeLogLine(end.why)}` }
  const text = output === '' ? '' : `\n${output.split('\n').map(sanitizeLogLine).join('\n').trimEnd()}`
  if (cancelledBy !== null) return { status: 'cancelled', result: `cancelled by ${sanitize(cancelledBy)}${text}` }
  if (end.code === 0) return { status: 'completed', result: `exit code 0${text}` }
  const how = end.signal === null ? `exit code ${end.code ?? 'unknown'}` : `ended by ${end.signal}`
  return { status: 'failed', result: `${how}${text}` }
}
