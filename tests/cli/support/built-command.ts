import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { settings } from './settings.js'

const program = fileURLToPath(new URL('../../../bin/orch.js', import.meta.url))

/** The result of a command's process. */
export interface Exit {
  /** null: a signal ended it. */
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
}

/** The built command as a process of its own. */
export interface BuiltCommand extends AsyncDisposable {
  ended: Promise<Exit>
  /** The output so far. */
  stdout: () => string
  stderr: () => string
  /** Null: it could not be started. */
  pid: number | null
  /** Resolves when stdout matches, with the match; rejects if the process ends before. */
  until: (pattern: RegExp) => Promise<RegExpExecArray>
  signal: (name: NodeJS.Signals) => void
  /** Stops reading stdout, as `| head -1` does. */
  closeStdout: () => void
}

export interface Start {
  cwd: string
  /** The environment in addition to PATH and a home in `cwd`; nothing else of this process's environment is passed on. */
  env?: Record<string, string>
}

/** Starts `node bin/orch.js`. Disposal kills a process that is still running. */
export function startBuilt(words: readonly string[], start: Start): BuiltCommand {
  if (!existsSync(program)) throw new Error('the command is not built: npm run build')
  return startProgram(process.execPath, [program, ...words], start)
}

/** Starts a program that runs the built command. A signal reaches only the program itself; disposal also kills its children. */
export function startProgram(file: string, words: readonly string[], { cwd, env = {} }: Start): BuiltCommand {
  // A process group of its own, so that disposal can kill all of it.
  const child = spawn(file, words, {
    cwd,
    env: { ...settings(cwd), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  const check = (): void => watchers.forEach((watcher) => watcher())
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    check()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    pid: child.pid ?? null,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const watcher = (): void => {
          const match = pattern.exec(stdout)
          if (match === null) return
          watchers.delete(watcher)
          resolve(match)
        }
        watchers.add(watcher)
        watcher()
        ended.then((exit) => reject(new Error(`ended without ${pattern}: ${JSON.stringify(exit)}`)), reject)
      }),
    signal: (name) => void child.kill(name),
    closeStdout: () => void child.stdout.destroy(),
    async [Symbol.asyncDispose]() {
      killGroup(child.pid)
      await ended
    },
  }
}

/** Runs the built command to its end. */
export function runBuilt(words: readonly string[], start: Start): Promise<Exit> {
  return startBuilt(words, start).ended
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    // The group is empty: all of its processes have ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
