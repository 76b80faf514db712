import { spawn } from 'node:child_process'
import { devNull } from 'node:os'

import pLimit from 'p-limit'

/** How one git process ended. */
export interface GitResult {
  exitCode: number
  stdout: Buffer
  stderr: string
}

export interface GitCall {
  /** The repository that the call works on (`--git-dir`). */
  repository?: string
  /** Working directory. */
  directory?: string
  input?: string | Uint8Array
  environment?: Record<string, string>
}

/** What git needs of the caller's environment; nothing else is passed on, above all no token and no GIT_* variable. */
const PASSED_ON = ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']

function environment(extra: Record<string, string>): Record<string, string> {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(passedOn),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_SYSTEM: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    LC_ALL: 'C',
    ...extra,
  }
}

/** One request may ask for much of many repositories. */
const inTurn = pLimit(16)

/** Runs git without a shell and without the caller's configuration, and returns how it ended. Throws if git could not be started. */
export function tryGit(args: string[], call: GitCall = {}): Promise<GitResult> {
  return inTurn(() => startGit(args, call))
}

function startGit(args: string[], call: GitCall): Promise<GitResult> {
  const where = call.repository === undefined ? [] : [`--git-dir=${call.repository}`]
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...where, ...args], {
      cwd: call.directory ?? call.repository,
      env: environment(call.environment ?? {}),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (error) => {
      reject(new Error(`git could not be started (${error.message}): install git and put it on the PATH`))
    })
    child.on('close', (exitCode) => {
      resolve({
        exitCode: exitCode ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      })
    })
    // git may end before it has read everything; its exit code then says why.
    child.stdin.on('error', () => undefined)
    child.stdin.end(call.input ?? '')
  })
}

/** Runs git and returns what it printed. Throws with git's own words if it failed. */
export async function git(args: string[], call: GitCall = {}): Promise<Buffer> {
  const result = await tryGit(args, call)
  if (result.exitCode !== 0) {
    throw new Error(`git ${args[0] ?? ''} ended with exit code ${result.exitCode}: ${result.stderr.trim()}`)
  }
  return result.stdout
}

/** Runs git and returns the text that it printed, without the line feed at its end. */
export async function gitText(args: string[], call: GitCall = {}): Promise<string> {
  return (await git(args, call)).toString('utf8').trimEnd()
}
