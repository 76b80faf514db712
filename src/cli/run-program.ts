import { Command, CommanderError } from 'commander'
import type { Context } from './process/context.js'
import type { ExitCode } from './output/exit-codes.js'
import { exitCodes } from './output/exit-codes.js'
import { failureText } from '../lib/failure-text.js'
import { sanitize, sanitizeLines } from '../lib/sanitize.js'
import { createMessages } from './output/messages.js'
import type { Messages } from './output/messages.js'
import { readVersion } from './version.js'

/** Where commands come from. */
export interface CommandSource {
  context: Context
  messages: Messages
  program: Command
  /** Takes the exit code of the command that has run. */
  exit: (code: ExitCode) => void
}

/**
 * Runs one command line; resolves to its exit code. Only here is a throw classified: as a bug.
 * @param listCommands the commands that there are
 */
export async function runProgram(
  context: Context,
  listCommands: (source: CommandSource) => Command[] | Promise<Command[]>,
): Promise<ExitCode> {
  const messages = createMessages(context)
  let exitCode: ExitCode = exitCodes.success
  try {
    const program = new Command('orch')
    const commands = await listCommands({ context, messages, program, exit: (code) => (exitCode = code) })
    configure(program, commands, context, messages)
    await program.parseAsync([...context.argv], { from: 'user' })
  } catch (error) {
    exitCode = error instanceof CommanderError ? usageExit(error) : await reportBug(messages, error)
  }
  await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
  return exitCode
}

/** Help and version are successes; everything else that commander stops at is a usage problem. */
function usageExit(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
}

async function reportBug(messages: Messages, error: unknown): Promise<ExitCode> {
  messages.stderr.write(`error: internal error: ${sanitize(failureText(error))}\n`)
  messages.stderr.write('  why: this is a bug in orch, or a broken disk or terminal\n')
  messages.stderr.write('  what to do: report it with the lines below; orch status shows the state of the change\n')
  if (error instanceof Error && error.stack) {
    const { mapStackTrace } = await import('./process/stack-trace.js')
    messages.stderr.write(`${sanitizeLines(mapStackTrace(error.stack))}\n`)
  }
  return exitCodes.notSuccessful
}

function configure(program: Command, commands: readonly Command[], context: Context, messages: Messages): void {
  program
    .description(
      'Builds a change across GitHub repositories in the order of a graph, and unlocks its pull requests together or not at all.',
    )
    .version(readVersion(), '-V, --version')
  for (const command of commands) program.addCommand(command)
  for (const command of [program, ...commands, ...commands.flatMap(({ commands: nested }) => nested)]) {
    command.helpOption('-h, --help', 'show help').showHelpAfterError(hintFor(command, program))
    command.exitOverride().configureOutput({
      writeOut: (text) => messages.stdout.write(text),
      writeErr: (text) => messages.stderr.write(text),
      // The message repeats a wrong word, which may be a branch name in a CI step.
      outputError: (text, write) => write(sanitizeLines(text)),
      getOutHelpWidth: () => Math.min(100, context.stdout.size().columns),
      getErrHelpWidth: () => Math.min(100, context.stderr.size().columns),
    })
  }
}

function hintFor(command: Command, program: Command): string {
  return command === program
    ? '(orch --help shows all commands, orch <command> --help its flags)'
    : `(${pathOf(command)} --help shows its flags)`
}

/** The words that select a command, such as `orch event send`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}
