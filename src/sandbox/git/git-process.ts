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
  /** The repository of the call (`--git-dir`). */
  repository?: string
  /** The working directory. */
  directory?: string
  input?: string | Uint8Array
  environment?: Record<string, string>
}

/** The variables that git needs from the environment. All others are withheld, in particular tokens and GIT_* variables. */
const PASSED_VARIABLES = ['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TMP']

function environment(extra: Record<string, string>): Record<string, string> {
  const variables = PASSED_VARIABLES.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(variables),
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

/** The maximum number of git processes at a time, because one request may need many repositories. */
const limitConcurrency = pLimit(16)

/** Runs git without a shell and without the caller's configuration, and returns its result. Throws if git could not be started. */
export function tryGit(args: string[], call: GitCall = {}): Promise<GitResult> {
  return limitConcurrency(() => startGit(args, call))
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
    // git may exit before it has read all input; its exit code then gives the reason.
    child.stdin.on('error', () => undefined)
    child.stdin.end(call.input ?? '')
  })
}

/** Runs git and returns its output. Throws with git's error message if it failed. */
export async function git(args: string[], call: GitCall = {}): Promise<Buffer> {
  const result = await tryGit(args, call)
  if (result.exitCode !== 0) {
    throw new Error(`git ${args[0] ?? ''} ended with exit code ${result.exitCode}: ${result.stderr.trim()}`)
  }
  return result.stdout
}

/** Runs git and returns its output as text, without the trailing line feed. */
export async function gitText(args: string[], call: GitCall = {}): Promise<string> {
  return (await git(args, call)).toString('utf8').trimEnd()
}
