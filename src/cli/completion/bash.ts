import { assertNever } from '../../lib/assert-never.js'
import type { CommandLine, DescribedFlag, Values } from './describe.js'

/** The script for bash, from 3.2, which macOS has. */
export function bashCompletion(line: CommandLine): string {
  const commandNames = line.commands.map(({ name }) => name)
  const propose = (values: Values): string => proposal(values, commandNames)
  const flagCases = line.commands.flatMap(({ name, flags }) => flags.flatMap((flag) => flagCase(name, flag, propose)))
  const wordCases = line.commands.flatMap(({ name, flags, values }) => [
    `    '${name} -'*) _orch_words ${flagNames(flags)} ;;`,
    `    '${name} '*) ${propose(values)} ;;`,
  ])
  return `# bash completion for orch. In ~/.bashrc: eval "$(orch completion bash)"

_orch_words() {
  local word
  for word in "$@"; do [[ $word == "$_orch_current"* ]] && COMPREPLY+=("$word"); done
}

# The flags before the cursor decide which graph file is read.
_orch_ask() {
  local word place asked=()
  for ((place = 1; place < COMP_CWORD; place++)); do
    case \${COMP_WORDS[place]} in
    -c | --config) [[ \${COMP_WORDS[place + 1]} == = ]] && ((place++)); asked+=(--config "\${COMP_WORDS[place + 1]}") ;;
    --sandbox) asked+=(--sandbox) ;;
    esac
  done
  while IFS= read -r word; do _orch_words "$word"; done < <(orch completion --words "$1" \${asked[@]+"\${asked[@]}"} 2>/dev/null)
}

_orch_files() {
  local file
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$_orch_current")
  compopt -o filenames 2>/dev/null
}

_orch() {
  local _orch_current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= place
  COMPREPLY=()
  # bash splits --flag=value into three words.
  if [[ $_orch_current == = ]]; then _orch_current=
  elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((place = 1; place < COMP_CWORD; place++)); do
    [[ \${COMP_WORDS[place]} != -* ]] && command=\${COMP_WORDS[place]} && break
  done
  case "$command $previous" in
${flagCases.join('\n')}
  esac
  case "$command $_orch_current" in
    ' -'*) _orch_words ${flagNames(line.flags)} ;;
    ' '*) _orch_words ${commandNames.join(' ')} ;;
${wordCases.join('\n')}
  esac
}

complete -F _orch orch
`
}

function flagCase(command: string, { names, values }: DescribedFlag, propose: (values: Values) => string): string[] {
  if (values === null) return []
  return [`    ${names.map((name) => `'${command} ${name}'`).join(' | ')}) ${propose(values)}; return ;;`]
}

function flagNames(flags: readonly DescribedFlag[]): string {
  return flags.flatMap(({ names }) => names).join(' ')
}

function proposal(values: Values, commandNames: readonly string[]): string {
  switch (values.kind) {
    case 'jobs':
    case 'orchestrations':
      return `_orch_ask ${values.kind}`
    case 'files':
      return '_orch_files'
    case 'commands':
      return `_orch_words ${commandNames.join(' ')}`
    case 'words':
      return `_orch_words ${values.words.join(' ')}`
    case 'free':
      return ':'
    default:
      return assertNever(values)
  }
}
