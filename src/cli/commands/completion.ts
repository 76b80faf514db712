import { Argument, Command, Option } from 'commander'
import { assertNever } from '../../lib/assert-never.js'
import type { CommandLine } from '../completion/describe.js'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import { loadGraph } from '../connect/graph-file.js'
import { openStore } from '../connect/open-store.js'
import { usageProblem } from '../../app/problem.js'
import type { Messages } from '../output/messages.js'

export interface CompletionFlags {
  config?: string
  sandbox?: boolean
  words?: 'jobs' | 'orchestrations'
}

const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** `orch completion`: prints the completion script for a shell. */
export function completionCommand(
  action: (shell: Shell | undefined, flags: CompletionFlags) => Promise<void>,
): Command {
  return new Command('completion')
    .description('print a script for your shell that completes commands, flags, jobs and orchestrations')
    .addArgument(new Argument('[shell]', 'your shell').choices(shells))
    .addOption(
      new Option('--words <kind>', 'print the values that the script proposes, one per line').choices([
        'jobs',
        'orchestrations',
      ]),
    )
    .option('-c, --config <file>', 'graph file (default: ORCH_CONFIG, else the nearest orchestrator.yaml upwards)')
    .option('--sandbox', 'orchestrations of the embedded GitHub')
    .action((shell: Shell | undefined, flags: CompletionFlags) => action(shell, flags))
}

/** `program`: the command line that the script completes. */
export async function printCompletion(
  context: Context,
  messages: Messages,
  { program, shell, flags }: { program: Command; shell: Shell | undefined; flags: CompletionFlags },
): Promise<ExitCode> {
  if (flags.words !== undefined) return printWords(context, messages, flags.words, flags)
  if (shell === undefined) {
    const remedy = 'Name it: orch completion bash, zsh or fish.'
    return messages.reportProblems([usageProblem('no shell is given', 'each shell has its own script', remedy)])
  }
  const { describeCommandLine } = await import('../completion/describe.js')
  messages.stdout.write(await scriptFor(shell, describeCommandLine(program)))
  return exitCodes.success
}

async function scriptFor(shell: Shell, line: CommandLine): Promise<string> {
  switch (shell) {
    case 'bash':
      return (await import('../completion/bash.js')).bashCompletion(line)
    case 'zsh':
      return (await import('../completion/zsh.js')).zshCompletion(line)
    case 'fish':
      return (await import('../completion/fish.js')).fishCompletion(line)
    default:
      return assertNever(shell)
  }
}

/** Other words are not proposed: a shell would interpret them as part of the command that it completes. */
const plainWord = /^[\w.][\w./-]*$/u

async function printWords(
  context: Context,
  messages: Messages,
  kind: 'jobs' | 'orchestrations',
  flags: CompletionFlags,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  const store = openStore(context, loaded.value)
  const words = kind === 'jobs' ? loaded.value.graph.jobs.map(({ id }) => id) : (await store.list()).reverse()
  for (const word of words.filter((each) => plainWord.test(each))) messages.stdout.write(`${word}\n`)
  return exitCodes.success
}
