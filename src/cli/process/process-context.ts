import { systemClock } from '../../lib/system-clock.js'
import type { Context } from './context.js'
import { machineProcesses } from './processes.js'
import type { Screen } from './screen.js'

function screen(stream: NodeJS.WriteStream): Screen {
  return {
    stream,
    isTTY: stream.isTTY,
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
  }
}

async function readStdin(): Promise<string> {
  const { text } = await import('node:stream/consumers')
  return text(process.stdin)
}

/** Output of a program; null: it is absent or failed. */
async function readProgram(command: string, args: readonly string[]): Promise<string | null> {
  const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')])
  try {
    const { stdout } = await promisify(execFile)(command, [...args], { timeout: 10_000, windowsHide: true })
    return stdout
  } catch {
    return null
  }
}

/** Adds `env` to the environment of this process, as if the user had typed the command. */
const runProgram: Context['runProgram'] = async (command, args, { cwd, env }) => {
  const [{ spawn }, { constants }] = await Promise.all([import('node:child_process'), import('node:os')])
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
}

function onSignal(listener: (signal: string) => void): () => void {
  // SIGHUP: the terminal was closed.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}

/** The context of this process. `words`: the arguments after `orch`. */
export function processContext(words: readonly string[]): Context {
  return {
    argv: words,
    env: process.env,
    cwd: process.cwd(),
    isQuiet: false,
    stdout: screen(process.stdout),
    stderr: screen(process.stderr),
    clock: systemClock,
    random: Math.random,
    onSignal,
    exit: (code) => process.exit(code),
    readStdin,
    readProgram,
    runProgram,
    processes: machineProcesses,
    nodeProgram: process.execPath,
  }
}
