import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Environment } from '../../app/environment.js'
import { stop, usageProblem, type Problem, type Result } from '../../app/problem.js'
import { privateKeyProblem } from '../../github/app/app-jwt.js'
import { readAppFile } from './app-file.js'

/** What a GitHub App logs in with. */
export interface AppCredentials {
  id: string
  /** PEM. */
  privateKey: string
}

export interface AppCredentialsOptions {
  env: Environment
  /** The directory that a relative path of a key starts from. */
  directory: string
  /** The file of `orch serve --setup`. */
  appFile: string
}

/**
 * The credentials of the GitHub App: ORCH_APP_ID and ORCH_APP_PRIVATE_KEY (text or path), else those of `orch serve --setup`; null: there is
 * no App. No problem quotes a part of the key.
 */
export async function readAppCredentials({
  appFile,
  ...options
}: AppCredentialsOptions): Promise<Result<AppCredentials | null>> {
  const named = await readNamedCredentials(options)
  return named.ok && named.value === null ? readStored(appFile) : named
}

/** The credentials that the environment names; null: it names none. */
export async function readNamedCredentials({
  env,
  directory,
}: Omit<AppCredentialsOptions, 'appFile'>): Promise<Result<AppCredentials | null>> {
  const id = (env['ORCH_APP_ID'] ?? '').trim()
  const key = (env['ORCH_APP_PRIVATE_KEY'] ?? '').trim()
  if (id === '' && key === '') return { ok: true, value: null }
  if (id === '' || key === '') {
    const [set, unset] = id === '' ? ['ORCH_APP_PRIVATE_KEY', 'ORCH_APP_ID'] : ['ORCH_APP_ID', 'ORCH_APP_PRIVATE_KEY']
    return stop(usageProblem(`${set} is set without ${unset}`, 'a GitHub App logs in with both', `Set ${unset} too.`))
  }
  if (!/^[\w.]+$/u.test(id)) {
    const why = 'it is the number, or the client ID, on the page of the App'
    return stop(usageProblem('ORCH_APP_ID is not the id of a GitHub App', why, 'Copy it from the settings of the App.'))
  }
  const text = await readKey(key, directory)
  if (!text.ok) return text
  return check({ id, privateKey: text.value }, 'ORCH_APP_PRIVATE_KEY')
}

/** The problem of a file of `orch serve --setup` that cannot be used. */
export function damagedFileProblem(appFile: string): Problem {
  const remedy = 'Remove it, then run orch serve --setup again, or set ORCH_APP_ID and ORCH_APP_PRIVATE_KEY.'
  return usageProblem(`${appFile} is damaged`, 'it is not what orch serve --setup writes', remedy)
}

async function readStored(appFile: string): Promise<Result<AppCredentials | null>> {
  const stored = await readAppFile(appFile)
  if (stored.kind === 'absent') return { ok: true, value: null }
  if (stored.kind === 'damaged') return stop(damagedFileProblem(appFile))
  return check({ id: stored.file.appId, privateKey: stored.file.privateKey }, appFile)
}

/** Line breaks of a key in a variable are often written as `\n`. */
async function readKey(text: string, directory: string): Promise<Result<string>> {
  if (text.includes('-----BEGIN')) return { ok: true, value: text.replaceAll(String.raw`\n`, '\n') }
  try {
    return { ok: true, value: await readFile(resolve(directory, text), 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null) throw error
    // The value is not shown: it could be a key that was pasted without its first line.
    const why = `it is neither a key in PEM format, nor the path of a file that can be read (${code})`
    const remedy = 'Give the text of the .pem file, or its path.'
    return stop(usageProblem('ORCH_APP_PRIVATE_KEY is not usable', why, remedy))
  }
}

function check(credentials: AppCredentials, source: string): Result<AppCredentials> {
  const problem = privateKeyProblem(credentials.privateKey)
  if (problem === null) return { ok: true, value: credentials }
  const remedy = 'Create a private key on the page of the App, and use the .pem file as it is.'
  return stop(usageProblem(`the private key in ${source} is not usable`, `it is ${problem}`, remedy))
}
