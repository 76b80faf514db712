import { systemClock } from '../../lib/system-clock.js'
import type { Context } from './context.js'
import { machineProcesses } from './processes.js'
import type { Keyboard } from './keyboard.js'
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

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)))
  // The terminal is in raw mode, so that Ctrl-C sends no signal by itself.
  lines.on('SIGINT', () => {
    process.stderr.write('\n')
    process.kill(process.pid, 'SIGINT')
  })
  try {
    const answer = await Promise.race([lines.question(question), closed])
    if (answer === null) process.stderr.write('\n')
    return answer
  } finally {
    lines.close()
  }
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

/** Read at each use: Node opens the standard input when it is first touched, which most commands never need. */
const keyboard: Keyboard = {
  get stream() {
    return process.stdin
  },
  get isTTY() {
    return process.stdin.isTTY
  },
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
    stdin: keyboard,
    clock: systemClock,
    random: Math.random,
    onSignal,
    exit: (code) => process.exit(code),
    readStdin,
    ask,
    readProgram,
    runProgram,
    processes: machineProcesses,
    nodeProgram: process.execPath,
  }
}
