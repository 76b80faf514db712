import { assertNever } from '../../lib/assert-never.js'
import type { CommandLine, DescribedFlag, Values } from './describe.js'

/** The script for zsh: sourced, or kept as `_orch` in a folder of `fpath`. */
export function zshCompletion(line: CommandLine): string {
  const commands = line.commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`)
  const cases = line.commands.map(({ name, flags, values }) => {
    const specifications = [...flags.map(flagSpecification), quoted(`*:: :${action(values)}`)]
    return `      ${name}) _arguments -s ${specifications.join(' \\\n        ')} ;;`
  })
  return `#compdef orch
# zsh completion for orch. In ~/.zshrc, after compinit: source <(orch completion zsh)

# The flags before the cursor decide which graph file is read.
_orch_ask() {
  local -a asked found
  local place
  for ((place = 2; place < CURRENT; place++)); do
    case \${words[place]} in
      -c|--config) asked+=(--config "\${(Q)words[place + 1]}") ;;
      --config=*) asked+=("\${(Q)words[place]}") ;;
      --sandbox) asked+=(--sandbox) ;;
    esac
  done
  found=("\${(@f)$(orch completion --words $1 $asked 2>/dev/null)}")
  compadd -a found
}

_orch_commands() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  _describe command commands
}

_orch() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${line.flags.map(flagSpecification).join(' \\\n    ')} \\
    '1: :_orch_commands' '*:: :->rest'
  if [[ $state == rest ]]; then
    case \${words[1]} in
${cases.join('\n')}
    esac
  fi
}

if [[ \${funcstack[1]} == _orch ]]; then _orch "$@"; else compdef _orch orch; fi
`
}

/** `'(-c --config)'{-c,--config}'[what]:value:_files'`, as `_arguments` reads it. */
function flagSpecification({ names, description, values }: DescribedFlag): string {
  const [only = '', ...others] = names
  const described = description.replaceAll(/[[\]\\:]/gu, String.raw`\$&`)
  const rest = `[${described}]${values === null ? '' : `:value:${action(values)}`}`
  return others.length === 0 ? quoted(`${only}${rest}`) : `'(${names.join(' ')})'{${names.join(',')}}${quoted(rest)}`
}

function action(values: Values): string {
  switch (values.kind) {
    case 'jobs':
    case 'orchestrations':
      return `_orch_ask ${values.kind}`
    case 'files':
      return '_files'
    case 'commands':
      return '_orch_commands'
    case 'words':
      return `(${values.words.join(' ')})`
    case 'free':
      return ' '
    default:
      return assertNever(values)
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
