import type { Argument, Command, Option } from 'commander'

/** The completions of a value. The script reads `jobs` and `orchestrations` when it needs them: `orch completion --words`. */
export type Values =
  | { kind: 'jobs' | 'orchestrations' | 'files' | 'commands' }
  | { kind: 'words'; words: readonly string[] }
  /** Nothing can be proposed. */
  | { kind: 'free' }

export interface DescribedFlag {
  /** With their dashes, `-c` before `--config`. */
  names: readonly string[]
  description: string
  /** null: it takes no value. */
  values: Values | null
}

export interface DescribedCommand {
  name: string
  description: string
  flags: readonly DescribedFlag[]
  /** The completions of its arguments. */
  values: Values
}

/** The words that can follow `orch`. */
export interface CommandLine {
  flags: readonly DescribedFlag[]
  commands: readonly DescribedCommand[]
}

/** Reads a command line from its definition, as `--help` shows it. */
export function describeCommandLine(program: Command): CommandLine {
  const commands = program.createHelp().visibleCommands(program)
  return { flags: flagsOf(program), commands: commands.map(describeCommand) }
}

function describeCommand(command: Command): DescribedCommand {
  return {
    name: command.name(),
    description: command.description(),
    flags: distinct([command, ...nestedIn(command)].flatMap(flagsOf)),
    values: wordsAfter(command),
  }
}

/** The commands of a command, such as `send` of `event`. */
function nestedIn(command: Command): readonly Command[] {
  return command.commands
}

function wordsAfter(command: Command): Values {
  const words = nestedIn(command).map((nested) => nested.name())
  if (words.length > 0) return { kind: 'words', words }
  const [argument] = command.registeredArguments
  return argument ? valuesOf(argument.name(), argument) : { kind: 'free' }
}

function distinct(flags: readonly DescribedFlag[]): DescribedFlag[] {
  return [...new Map(flags.map((flag) => [flag.names.join(' '), flag])).values()]
}

function flagsOf(command: Command): DescribedFlag[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({
      names: [option.short, option.long].filter((name) => name !== undefined),
      description: option.description,
      values: option.required || option.optional ? valuesOf(valueName(option), option) : null,
    }))
}

/** `file` of `-c, --config <file>`. */
function valueName({ flags }: Option): string {
  return /[<[](?<name>[^>\]]+)[>\]]/u.exec(flags)?.groups?.['name'] ?? ''
}

/** The kind of a value, by its name in the help. */
function valuesOf(name: string, { argChoices }: Option | Argument): Values {
  if (argChoices) return { kind: 'words', words: argChoices }
  const [first = ''] = name.split('|')
  switch (first.replace(/\.{3}$/u, '')) {
    case 'job':
      return { kind: 'jobs' }
    case 'id':
      return { kind: 'orchestrations' }
    case 'file':
      return { kind: 'files' }
    case 'command':
      return { kind: 'commands' }
    default:
      return { kind: 'free' }
  }
}
