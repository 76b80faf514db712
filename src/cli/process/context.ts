import type { Environment } from '../../app/environment.js'
import type { Clock } from '../../ports/clock.js'
import type { StoreProcesses } from '../../store/processes.js'
import type { Keyboard } from './keyboard.js'
import type { Screen } from './screen.js'

/**
 * Everything that the command needs from its process, the input of the composition root: `main.ts` reads it from the process, a test makes
 * its own. Each function below the commands names the part of it that it uses.
 */
export interface Context {
  /** Arguments after `orch`. */
  argv: readonly string[]
  env: Environment
  cwd: string
  /** Whether progress and notes are left out. */
  isQuiet: boolean
  stdout: Screen
  stderr: Screen
  stdin: Keyboard
  /** The whole standard input. */
  readStdin: () => Promise<string>
  /** Asks the person at the terminal for one line; null: there is no terminal, or it was closed. */
  ask: (question: string) => Promise<string | null>
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  /** Left out: the network of this machine, through a proxy where the environment names one. */
  fetch?: typeof fetch
  /** Calls the listener for each SIGINT and SIGTERM; returns a function that removes the listener. */
  onSignal: (listener: (signal: string) => void) => () => void
  /** Ends the process at once. */
  exit: (code: number) => void
  /** Output of a program that is run without a shell; null: it is absent or failed. */
  readProgram: (command: string, args: readonly string[]) => Promise<string | null>
  /** Runs a program without a shell on the command's own streams; resolves to its exit code (128 plus the number of a signal). */
  runProgram: (
    command: string,
    args: readonly string[],
    options: { cwd: string; env: Readonly<Record<string, string>> },
  ) => Promise<number>
  /** The processes of this machine. */
  processes: StoreProcesses & {
    /** Sends a signal to a group of processes. Nothing happens when it has ended. */
    signalGroup: (groupId: number, signal: 'SIGTERM' | 'SIGKILL') => void
  }
  /** The Node executable that runs this command. */
  nodeProgram: string
}
