import type { StepContext } from './perform-step.js'

type Environment = Readonly<Record<string, string | undefined>>

/** What every command needs to find programs, its home and its language. */
const commonNames = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  // Windows
  'SystemRoot',
  'ComSpec',
  'PATHEXT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'TEMP',
  'TMP',
]

export interface StepEnvironmentOptions {
  /** The environment of the caller. */
  caller: Environment
  /** The names that the step takes from it. */
  names: readonly string[]
  /** The folder with the context files. */
  contextDirectory: string
  /** Address of the service; null: there is none. */
  url: string | null
}

/** What every command needs of the environment of the caller, and these names. */
export function callerEnvironment(caller: Environment, names: readonly string[]): Environment {
  const taken = [...commonNames, ...names].flatMap((name) => {
    const value = caller[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(taken)
}

/** The environment of a step: what every command needs, the names that its flow lists, and the ids of what it is executed for. */
export function stepEnvironment(
  { event, run, attempt }: Pick<StepContext, 'event' | 'run' | 'attempt'>,
  { caller, names, contextDirectory, url }: StepEnvironmentOptions,
): Environment {
  return {
    ...callerEnvironment(caller, names),
    ORCH_EVENT_ID: event.id,
    ORCH_RUN_ID: run.id,
    ORCH_ATTEMPT_ID: attempt.id,
    ORCH_CONTEXT_DIR: contextDirectory,
    ...(attempt.isReplay ? { ORCH_REPLAY: '1' } : {}),
    ...(url === null ? {} : { ORCH_URL: url }),
  }
}
