import type { Environment } from '../app/environment.js'
import { stop, usageProblem } from '../app/problem.js'
import type { Result } from '../app/problem.js'

/** The commands of the Action: those that end by themselves and need no terminal. */
export const commandNames = ['run', 'plan', 'status', 'invalidate', 'pass', 'resume', 'cancel'] as const

export type CommandName = (typeof commandNames)[number]

/** Whether a command drives an orchestration, whose outcome is the result of the step. */
export function drivesOrchestration(command: CommandName): boolean {
  return command === 'run' || command === 'resume'
}

/** What a step of the Action is to do. */
export interface ActionCall {
  command: CommandName
  /** The command line, without the name of the command. */
  words: readonly string[]
  /** Path of the graph file; undefined: it is searched for. */
  config: string | undefined
  /** The branch, or the id of an orchestration; undefined: the step names none. */
  named: string | undefined
  /** The environment of the command. */
  env: Environment
}

/** Reads the inputs of the step. The runner passes them as variables: INPUT_<NAME>. */
export function readInputs(env: Environment): Result<ActionCall> {
  const input = (name: string): string => (env[inputVariable(name)] ?? '').trim()
  const command = commandNames.find((name) => name === (input('command') || 'run'))
  if (command === undefined) {
    const why = `the Action has the commands ${commandNames.join(', ')}`
    return stop(usageProblem(`${input('command')} is not a command of the Action`, why, 'Correct the input command.'))
  }
  const login = readLogin(input)
  if (!login.ok) return login
  const config = input('config') || undefined
  const named = input('branch') || undefined
  const reason = input('reason')
  const words = [
    ...(reason === '' ? [] : [`--reason=${reason}`]),
    ...input('arguments')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    ...(config === undefined ? [] : [`--config=${config}`]),
    // What follows `--` is never read as a flag.
    ...(named === undefined ? [] : ['--', named]),
  ]
  return { ok: true, value: { command, words, config, named, env: { ...withoutSecretInputs(env), ...login.value } } }
}

/** The inputs that hold a secret. */
const secretInputs = ['token', 'private-key']

/** The lines of secrets that the runner must not show. A shorter line would make ordinary words of the log unreadable. */
export function linesToMask(env: Environment): string[] {
  return secretInputs
    .flatMap((name) => (env[inputVariable(name)] ?? '').split(/\\n|\r?\n/u))
    .map((line) => line.trim())
    .filter((line) => line.length >= 8 && !line.startsWith('-----'))
}

function inputVariable(name: string): string {
  return `INPUT_${name.toUpperCase()}`
}

/** The variables that the command logs in with; none: those of the step count. */
function readLogin(input: (name: string) => string): Result<Environment> {
  const [token, id, key] = [input('token'), input('app-id'), input('private-key')]
  if (token !== '' && id + key !== '') {
    const why = 'the step can act as one of them only'
    return stop(usageProblem('the inputs name a token and a GitHub App', why, 'Remove one of them.'))
  }
  if ((id === '') !== (key === '')) {
    const [set, unset] = id === '' ? ['private-key', 'app-id'] : ['app-id', 'private-key']
    const why = 'a GitHub App logs in with both'
    return stop(usageProblem(`the input ${set} is set without ${unset}`, why, `Set ${unset} too.`))
  }
  if (id !== '') return { ok: true, value: { ORCH_APP_ID: id, ORCH_APP_PRIVATE_KEY: key } }
  if (token === '') return { ok: true, value: {} }
  // The token is for the server of the workflow, whichever that is.
  const app = { ORCH_APP_ID: undefined, ORCH_APP_PRIVATE_KEY: undefined }
  return { ok: true, value: { GH_TOKEN: token, GH_ENTERPRISE_TOKEN: token, ...app } }
}

function withoutSecretInputs(env: Environment): Environment {
  return { ...env, ...Object.fromEntries(secretInputs.map((name) => [inputVariable(name), undefined])) }
}
