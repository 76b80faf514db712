import { assertNever } from '../../lib/assert-never.js'
import type { CommandLine, DescribedFlag, Values } from './describe.js'

/** The script for fish, from 3.0. */
export function fishCompletion(line: CommandLine): string {
  const names = line.commands.map(({ name }) => name)
  const noCommand = `not __fish_seen_subcommand_from ${names.join(' ')}`
  const commands = line.commands.flatMap((command) => {
    const inCommand = `__fish_seen_subcommand_from ${command.name}`
    const words = proposal(command.values, names)
    return [
      `complete -c orch -n '${noCommand}' -a ${command.name} -d ${quoted(command.description)}`,
      ...command.flags.map((flag) => flagLine(flag, inCommand, names)),
      ...(words === null ? [] : [`complete -c orch -n '${inCommand}' ${words}`]),
    ]
  })
  return `# fish completion for orch. Install it: orch completion fish > ~/.config/fish/completions/orch.fish

# The flags before the cursor decide which graph file is read.
function __orch_ask
    set -l asked
    set -l words (commandline -opc)
    for place in (seq (count $words))
        switch $words[$place]
            case -c --config
                set -l next (math $place + 1)
                set -q words[$next]; and set -a asked --config $words[$next]
            case '--config=*' --sandbox
                set -a asked $words[$place]
        end
    end
    orch completion --words $argv[1] $asked 2>/dev/null
end

complete -c orch -f
${line.flags.map((flag) => flagLine(flag, noCommand, names)).join('\n')}
${commands.join('\n')}
`
}

function flagLine(
  { names, description, values }: DescribedFlag,
  condition: string,
  commands: readonly string[],
): string {
  const forms = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`))
  const value = values === null ? [] : ['-r', ...[proposal(values, commands) ?? []].flat()]
  return ['complete -c orch', `-n '${condition}'`, ...forms, ...value, `-d ${quoted(description)}`].join(' ')
}

/** Null: nothing can be proposed. */
function proposal(values: Values, commands: readonly string[]): string | null {
  switch (values.kind) {
    case 'jobs':
    case 'orchestrations':
      return `-a '(__orch_ask ${values.kind})'`
    case 'files':
      return '-F'
    case 'commands':
      return `-a '${commands.join(' ')}'`
    case 'words':
      return `-a '${values.words.join(' ')}'`
    case 'free':
      return null
    default:
      return assertNever(values)
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`
}
