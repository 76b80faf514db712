import type { Command } from 'commander'
import type { Perform } from './commands/perform.js'
import { planCommand } from './commands/plan.js'
import { run, runCommand } from './commands/run.js'
import { commandFirst } from './flags/global-flags.js'
import type { RunFlags } from './flags/run-options.js'
import type { ExitCode } from './output/exit-codes.js'
import type { Context } from './process/context.js'
import { runProgram } from './run-program.js'

/** Runs one command line of `orch`; resolves to its exit code. */
export function runCommandLine(context: Context): Promise<ExitCode> {
  return runProgram(context, commandsFor)
}

/** Returns only `run` or `plan` where it is the first word: loading the other commands would take milliseconds. */
async function commandsFor({ argv }: Context, program: Command, perform: Perform): Promise<Command[]> {
  const [word] = commandFirst(argv)
  const action = (branch: string | undefined, flags: RunFlags): Promise<void> =>
    perform((context, messages) => run(context, messages, branch, flags))
  if (word === 'run') return [runCommand(action)]
  if (word === 'plan') return [planCommand(action)]
  const { otherCommands } = await import('./other-commands.js')
  return [runCommand(action), planCommand(action), ...otherCommands(program, perform)]
}
