import type { Command } from 'commander'
import type { Environment } from '../../app/environment.js'

/** Flags that every command takes. */
export interface GlobalFlags {
  directory?: string
  color?: boolean
  quiet?: boolean
}

/** Declares the flags that every command takes. */
export function addGlobalFlags(command: Command): void {
  command
    .optionsGroup('Global flags:')
    .option('-C, --directory <folder>', 'work in this folder, as if started there')
    .option('--no-color', 'no colors')
    .option('-q, --quiet', 'only results and errors: no progress and no notes')
}

/** The flags that every command takes, as given to a command or to one above it: `orch event -q send`. */
export function globalFlagsOf(command: Command): GlobalFlags {
  const given = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) !== 'default')
  return { ...(command.parent ? globalFlagsOf(command.parent) : {}), ...Object.fromEntries(given) }
}

/** Flags that may stand before the command, which all commands spell alike; true: a value follows. */
const leadingFlags = new Map([
  ['-C', true],
  ['--directory', true],
  ['-c', true],
  ['--config', true],
  ['--sandbox', false],
  ['--no-color', false],
  ['-q', false],
  ['--quiet', false],
  ['-v', false],
  ['--verbose', false],
])

/** The words with the command first: `--sandbox run DPTA-1` is `run --sandbox DPTA-1`. */
export function commandFirst(words: readonly string[]): readonly string[] {
  let at = 0
  for (let word = words[at]; word !== undefined; word = words[at]) {
    const [name = '', value] = word.split('=', 2)
    const takesValue = leadingFlags.get(name)
    if (takesValue === undefined) break
    at += takesValue && value === undefined ? 2 : 1
  }
  const command = words[at]
  if (at === 0 || command === undefined || command.startsWith('-')) return words
  return [command, ...words.slice(0, at), ...words.slice(at + 1)]
}

/** The variables that set a flag where it is not given. ORCH_CONFIG is read with the graph file. */
const variables: Record<string, string> = {
  directory: 'ORCH_DIRECTORY',
  sandbox: 'ORCH_SANDBOX',
  quiet: 'ORCH_QUIET',
  verbose: 'ORCH_VERBOSE',
  color: 'ORCH_NO_COLOR',
}

/** Sets the flags of a command from the environment, where it has them and they are not given. */
export function applyVariables(command: Command, env: Environment): void {
  for (const option of command.options) {
    const name = option.attributeName()
    const variable = variables[name]
    const text = variable === undefined ? '' : (env[variable] ?? '').trim()
    if (variable === undefined || text === '' || command.getOptionValueSource(name) === 'cli') continue
    if (option.required) command.setOptionValueWithSource(name, text, 'env')
    else if (/^(?:1|true|yes)$/iu.test(text)) command.setOptionValueWithSource(name, !option.negate, 'env')
    else if (!/^(?:0|false|no)$/iu.test(text)) command.error(`error: ${variable} is neither true nor false: ${text}`)
  }
}
