import { Argument, Command, Option } from 'commander'
import { assertNever } from '../../lib/assert-never.js'
import type { CommandLine } from '../completion/describe.js'
import type { Context } from '../context.js'
import type { ExitCode } from '../exit-codes.js'
import { exitCodes } from '../exit-codes.js'
import { loadGraph } from '../graph-file.js'
import { openStore } from '../open-store.js'
import { usageProblem } from '../../app/problem.js'
import type { Messages } from '../terminal-messages.js'

export interface CompletionFlags {
  config?: string
  sandbox?: boolean
  words?: 'jobs' | 'orchestrations'
}

const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** `orch completion`: a script that completes the commands, for a shell. */
export function completionCommand(run: (shell: Shell | undefined, flags: CompletionFlags) => Promise<void>): Command {
  return new Command('completion')
    .description('print a script for your shell that completes commands, flags, jobs and orchestrations')
    .addArgument(new Argument('[shell]', 'your shell').choices(shells))
    .addOption(
      new Option('--words <kind>', 'print what the script asks for, one a line').choices(['jobs', 'orchestrations']),
    )
    .option('-c, --config <file>', 'graph file (default: ORCH_CONFIG, else the nearest orchestrator.yaml upwards)')
    .option('--sandbox', 'the orchestrations that ran against the embedded GitHub')
    .action((shell: Shell | undefined, flags: CompletionFlags) => run(shell, flags))
}

/** @param program the whole command line, which the script completes */
export async function printCompletion(
  context: Context,
  messages: Messages,
  { program, shell, flags }: { program: Command; shell: Shell | undefined; flags: CompletionFlags },
): Promise<ExitCode> {
  if (flags.words !== undefined) return printWords(context, messages, flags.words, flags)
  if (shell === undefined) {
    const remedy = 'Name it: orch completion bash, zsh or fish.'
    return messages.reportProblems([usageProblem('which shell?', 'each has a script of its own', remedy)])
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

/** A word that a shell would read as anything but itself is not proposed: it would be run with the command that it completes. */
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
