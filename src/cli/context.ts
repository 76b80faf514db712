import type { Clock } from '../ports/clock.js'
import type { StoreProcesses } from '../store/processes.js'
import type { OutputStream } from '../report/output.js'

/** A stream of the command, and what is known of the terminal behind it. */
export interface Screen {
  stream: OutputStream
  isTTY: boolean
  /** Read when needed: a terminal may be resized. */
  size: () => { columns: number; rows: number }
}

/** Everything the command gets from its surroundings. `main.ts` takes it from the process, a test makes its own. */
export interface Context {
  /** Arguments after `orch`. */
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  stdout: Screen
  stderr: Screen
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  /** Left out: this machine's network, through a proxy where the environment names one. */
  fetch?: typeof fetch
  /** Calls the listener for each SIGINT and SIGTERM; returns how to stop listening. */
  onSignal: (listener: (signal: string) => void) => () => void
  /** Ends the process at once. */
  exit: (code: number) => void
  /** Output of a program run without a shell; null: it is not there, or did not succeed. */
  readProgram: (command: string, args: readonly string[]) => Promise<string | null>
  /** Runs a program without a shell on this command's own streams; resolves to its exit code (128 and its number after a signal). */
  runProgram: (
    command: string,
    args: readonly string[],
    options: { cwd: string; env: Readonly<Record<string, string>> },
  ) => Promise<number>
  /** This process among the others of this machine. */
  processes: StoreProcesses
  /** The node that runs this command. */
  nodeProgram: string
}
