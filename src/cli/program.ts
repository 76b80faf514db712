import { Command, CommanderError } from 'commander'
import type { Context } from './context.js'
import type { ExitCode } from './exit-codes.js'
import { exitCodes } from './exit-codes.js'
import { failureText } from '../lib/failure-text.js'
import { planCommand } from './commands/plan.js'
import { runChange, runCommand } from './commands/run.js'
import { sanitize } from '../lib/sanitize.js'
import { createMessages } from './terminal-messages.js'
import type { Messages } from './terminal-messages.js'
import { readVersion } from './version.js'

/** Runs one command line; resolves to its exit code. The one place where a throw is classified: as a bug. */
export async function runCommandLine(context: Context): Promise<ExitCode> {
  const messages = createMessages(context)
  let exitCode: ExitCode = exitCodes.success
  try {
    const program = await createProgram(context, messages, (code) => (exitCode = code))
    await program.parseAsync([...context.argv], { from: 'user' })
  } catch (error) {
    exitCode = error instanceof CommanderError ? usageExit(error) : await reportBug(messages, error)
  }
  await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
  return exitCode
}

/** Help and version end well; everything else that commander stops at is a wrong use. */
function usageExit(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
}

async function reportBug(messages: Messages, error: unknown): Promise<ExitCode> {
  messages.stderr.write(`error: orch came to a state that it should not know: ${sanitize(failureText(error))}\n`)
  messages.stderr.write('  why: this is a mistake in orch itself, or a broken disk or terminal\n')
  messages.stderr.write('  what to do: report it with the lines below; orch status tells where the change stands\n')
  if (error instanceof Error && error.stack) {
    const { mapStackTrace } = await import('./stack-trace.js')
    messages.stderr.write(`${harmlessLines(mapStackTrace(error.stack))}\n`)
  }
  return exitCodes.notSuccessful
}

function harmlessLines(text: string): string {
  return text.split('\n').map(sanitize).join('\n')
}

async function createProgram(context: Context, messages: Messages, exit: (code: ExitCode) => void): Promise<Command> {
  const program = new Command('orch')
    .description(
      'Builds a change across GitHub repositories in the order of a graph, and unlocks its pull requests together or not at all.',
    )
    .version(readVersion(), '-V, --version')
  const commands = await commandsFor(context, messages, program, exit)
  for (const command of [program, ...commands]) {
    if (command !== program) program.addCommand(command)
    command.helpOption('-h, --help', 'show help').showHelpAfterError(hintFor(command, program))
    command.exitOverride().configureOutput({
      writeOut: (text) => messages.stdout.write(text),
      writeErr: (text) => messages.stderr.write(text),
      // A wrong word is repeated to the reader, and in a CI step it may be a branch's name.
      outputError: (text, write) => write(harmlessLines(text)),
      getOutHelpWidth: () => Math.min(100, context.stdout.size().columns),
      getErrHelpWidth: () => Math.min(100, context.stderr.size().columns),
    })
  }
  return program
}

/** Whoever names `run` or `plan` first gets that one alone: the others would take milliseconds. */
async function commandsFor(
  context: Context,
  messages: Messages,
  program: Command,
  exit: (code: ExitCode) => void,
): Promise<Command[]> {
  const [word] = context.argv
  const run = (): Command =>
    runCommand(async (branch, flags) => exit(await runChange(context, messages, branch, flags)))
  const plan = (): Command =>
    planCommand(async (branch, flags) => exit(await runChange(context, messages, branch, flags)))
  if (word === 'run') return [run()]
  if (word === 'plan') return [plan()]
  const { otherCommands } = await import('./other-commands.js')
  return [run(), plan(), ...otherCommands(context, messages, program, exit)]
}

function hintFor(command: Command, program: Command): string {
  return command === program
    ? '(orch --help shows all commands, orch <command> --help its flags)'
    : `(orch ${command.name()} --help shows its flags)`
}
