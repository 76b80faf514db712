import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, CommanderError } from 'commander'
import type { Context } from './process/context.js'
import type { ExitCode } from './output/exit-codes.js'
import { exitCodes } from './output/exit-codes.js'
import { failureText } from '../lib/failure-text.js'
import { addHelp } from './help/command-help.js'
import { withoutTokens } from '../lib/redaction.js'
import { sanitize, sanitizeLines } from '../lib/sanitize.js'
import { createMessages } from './output/messages.js'
import { addGlobalFlags, applyVariables, commandFirst, globalFlagsOf } from './flags/global-flags.js'
import type { Perform } from './commands/perform.js'
import type { Messages } from './output/messages.js'
import { readVersion } from './version.js'

/** The commands that a command line may name. */
export type ListCommands = (context: Context, program: Command, perform: Perform) => Command[] | Promise<Command[]>

/** Runs one command line; resolves to its exit code. Only here is a throw classified: as a bug. */
export async function runProgram(context: Context, listCommands: ListCommands): Promise<ExitCode> {
  const messages = createMessages(context)
  let exitCode: ExitCode = exitCodes.success
  // The flags that every command takes are known only when its command line has been read.
  let settled = { context, messages }
  const perform: Perform = async (work) => {
    exitCode = await work(settled.context, settled.messages)
  }
  try {
    const program = new Command('orch')
    configure(program, await listCommands(context, program, perform), context, messages)
    program.hook('preAction', (_program, command) => {
      const changed = settle(context, command)
      settled = { context: changed, messages: createMessages(changed, messages) }
    })
    await program.parseAsync([...commandFirst(context.argv)], { from: 'user' })
  } catch (error) {
    exitCode = error instanceof CommanderError ? usageExit(error) : await reportBug(messages, error)
  }
  await messages.stdout.flush()
  await messages.stderr.flush()
  if (messages.isOutputLost() && exitCode === exitCodes.success) exitCode = exitCodes.notSuccessful
  return exitCode
}

/** The context as the flags and variables of a command change it. */
function settle(context: Context, command: Command): Context {
  applyVariables(command, context.env)
  const { directory, color, quiet } = globalFlagsOf(command)
  const cwd = directory === undefined ? context.cwd : resolve(context.cwd, directory)
  const isFolder = directory === undefined || statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true
  if (!isFolder) command.error(`error: there is no folder ${directory}`)
  const env = color === false ? { ...context.env, NO_COLOR: '1' } : context.env
  return { ...context, cwd, env, isQuiet: quiet === true }
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
  addHelp(program, commands)
  for (const command of commands) program.addCommand(command)
  for (const command of [program, ...commands, ...commands.flatMap(({ commands: nested }) => nested)]) {
    addGlobalFlags(command)
    // Otherwise a command takes the flags of those below it out of their values, such as `--reason -C/etc`.
    command.enablePositionalOptions()
    command.helpOption('-h, --help', 'show help').showHelpAfterError(hintFor(command, program))
    command.exitOverride().configureOutput({
      writeOut: (text) => messages.stdout.write(text),
      writeErr: (text) => messages.stderr.write(text),
      // The message repeats a wrong word, which may be a branch name in a CI step.
      outputError: (text, write) => write(sanitizeLines(withoutTokens(withoutOpposite(text)))),
      getOutHelpWidth: () => Math.min(100, context.stdout.size().columns),
      getErrHelpWidth: () => Math.min(100, context.stderr.size().columns),
    })
  }
}

/** Replaces the suggestion of a command that does the opposite and is only spelled alike. */
function withoutOpposite(text: string): string {
  return /unknown command 'validate'/u.test(text)
    ? text.replace(
        '(Did you mean invalidate?)',
        '(orch plan shows what a run would do, orch flows check checks flow files)',
      )
    : text
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
