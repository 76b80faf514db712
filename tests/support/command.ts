import { Readable, Writable } from 'node:stream'
import type { Context } from '../../src/cli/process/context.js'
import type { Screen } from '../../src/cli/process/screen.js'
import { runCommandLine } from '../../src/cli/program.js'
import { seededRandom } from './random.js'
import type { TestClock } from './test-clock.js'
// Modules that the command imports late are loaded here first: the test clock does not notice a module that is being loaded.
import '../../src/app/doctor/late.js'
import '../../src/app/dispatch/event-payload.js'
import '../../src/app/history/fold-journal.js'
import '../../src/app/plan/plan-readings.js'
import '../../src/app/plan/plan-refusal.js'
import '../../src/app/plan/read-receivers.js'
import '../../src/app/resume-orchestration.js'
import '../../src/app/setup/set-up.js'
import '../../src/app/run/execute-plan.js'
import '../../src/cli/commands/flows/read-payload.js'
import '../../src/cli/commands/resume.js'
import '../../src/cli/connect/app-connection.js'
import '../../src/cli/connect/sandbox-connection.js'
import '../../src/cli/other-commands.js'
import '../../src/cli/output/print-plan.js'
import '../../src/cli/output/report-event-dispatch.js'
import '../../src/report/views/diagnostics-view.js'
import '../../src/report/views/doctor-view.js'
import '../../src/report/views/change-status-view.js'
import '../../src/report/github-actions/github-actions.js'
import '../../src/report/views/invalidation-view.js'
import '../../src/report/json/json.js'
import '../../src/report/json/change-status-json.js'
import '../../src/report/json/doctor-json.js'
import '../../src/report/json/history-json.js'
import '../../src/report/json/invalidation-json.js'
import '../../src/report/json/orchestration-json.js'
import '../../src/report/views/orchestration-view.js'
import '../../src/report/plain/plain.js'
import '../../src/report/json/plan-json.js'
import '../../src/report/json/setup-json.js'
import '../../src/report/views/plan-view.js'
import '../../src/report/views/setup-view.js'
import '../../src/report/terminal/terminal.js'
import '../../src/store/open-journal.js'
import '../../src/store/prune-journals.js'
import '../../src/store/tail-journal.js'

/** The result of a command. */
export interface Ended {
  code: number
  stdout: string
  stderr: string
  /** The lines of stdout without their times, and with single spaces. */
  outputLines: string[]
}

/** A running command. */
export interface RunningCommand {
  ended: Promise<Ended>
  /** Sends a signal, as Ctrl-C does. */
  signal: (name?: string) => void
  /** The output so far. */
  stdout: () => string
}

export interface CommandOptions {
  env?: Record<string, string>
  /** A terminal of this size instead of a pipe. */
  terminal?: { columns: number; rows: number }
  /** A person who types; left out: the standard input is not a terminal. */
  keyboard?: Readable
  /** The standard input; left out: empty. */
  stdin?: string
  /** The line that the person at the terminal types when asked; left out: there is nobody to ask. */
  answer?: string
  /** The output of `git config --get remote.origin.url`; left out: there is no git repository. */
  remote?: string
  /** The output of `git symbolic-ref --short HEAD`; left out: there is no git repository. */
  currentBranch?: string
  /** Whether the disk that stdout goes to is full. */
  fullDisk?: boolean
  /** Seed of the random numbers; two commands that start in the same millisecond need different ones (default 7). */
  seed?: number
  /** Overrides for the processes of the machine; by default all are alive and none can be interrupted. */
  processes?: Partial<Context['processes']>
}

interface Surroundings {
  directory: string
  clock: TestClock
  env: Record<string, string>
  fetch: typeof fetch
}

/** Starts the real command in this process. Words are separated by spaces, or given as a list. */
export function startCommand(
  surroundings: Surroundings,
  words: string | readonly string[],
  options: CommandOptions = {},
): RunningCommand {
  const stdout = collect(options.fullDisk)
  const stderr = collect()
  const listeners = new Set<(signal: string) => void>()
  let exited: (code: number) => void = () => undefined
  const exit = new Promise<number>((resolve) => (exited = resolve))
  const screen = (stream: Writable): Screen => ({
    stream,
    isTTY: options.terminal !== undefined,
    size: () => options.terminal ?? { columns: 80, rows: 24 },
  })
  const context: Context = {
    argv: typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : words,
    env: { NO_COLOR: '1', ...surroundings.env, ...options.env },
    cwd: surroundings.directory,
    isQuiet: false,
    stdout: screen(stdout.stream),
    stderr: screen(stderr.stream),
    stdin: { stream: options.keyboard ?? Readable.from([]), isTTY: options.keyboard !== undefined },
    readStdin: () => Promise.resolve(options.stdin ?? ''),
    ask: (question) => {
      stderr.stream.write(question)
      return Promise.resolve(options.answer ?? null)
    },
    clock: surroundings.clock,
    random: seededRandom(options.seed ?? 7),
    fetch: surroundings.fetch,
    onSignal: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    exit: (code) => exited(code),
    readProgram: (command, args) => {
      if (command !== 'git') return Promise.resolve(null)
      return Promise.resolve((args.includes('config') ? options.remote : options.currentBranch) ?? null)
    },
    runProgram: (command) => Promise.reject(new Error(`no scene runs ${command}`)),
    processes: {
      pid: process.pid,
      isAlive: () => true,
      startOf: () => 'now',
      interrupt: () => 'refused',
      signalGroup: () => undefined,
      ...options.processes,
    },
    nodeProgram: process.execPath,
  }
  const ended = Promise.race([runCommandLine(context), exit]).then((code) => ({
    code,
    stdout: stdout.text(),
    stderr: stderr.text(),
    outputLines: normalizeLines(stdout.text()),
  }))
  const signal = (name = 'SIGINT'): void => {
    for (const listener of listeners) listener(name)
  }
  return { ended, stdout: stdout.text, signal }
}

function normalizeLines(text: string): string[] {
  return text.split('\n').map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+Z /u, '').replace(/ {2,}/gu, ' '))
}

function collect(isFull = false): { stream: Writable; text: () => string } {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      if (isFull) return done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}
