import { Command, CommanderError } from 'commander'
import type { Context } from './context.js'
import type { ExitCode } from './exit-codes.js'
import { exitCodes } from './exit-codes.js'
import { failureText } from './failure-text.js'
import { cancelCommand, cancelOrchestrations } from './commands/cancel.js'
import { completionCommand, printCompletion } from './commands/completion.js'
import { demoCommand, playDemo } from './commands/demo.js'
import { invalidateChange, invalidateCommand } from './commands/invalidate.js'
import { listCommand, listOrchestrations } from './commands/list.js'
import { planCommand } from './commands/plan.js'
import { resumeCommand, resumeOrchestration } from './commands/resume.js'
import { runChange, runCommand } from './commands/run.js'
import { sandboxCommand, serveSandbox } from './commands/sandbox.js'
import { showCommand, showOrchestration } from './commands/show.js'
import { showStatus, statusCommand } from './commands/status.js'
import { watchCommand, watchOrchestration } from './commands/watch.js'
import { harmless } from '../report/harmless.js'
import { createMessages } from './terminal-messages.js'
import type { Messages } from './terminal-messages.js'
import { readVersion } from './version.js'

/** Runs one command line; resolves to its exit code. The one place where a throw is classified: as a bug. */
export async function runCommandLine(context: Context): Promise<ExitCode> {
  const messages = createMessages(context)
  let exitCode: ExitCode = exitCodes.success
  const program = createProgram(context, messages, (code) => (exitCode = code))
  try {
    await program.parseAsync([...context.argv], { from: 'user' })
  } catch (error) {
    exitCode = error instanceof CommanderError ? usageExit(error) : await tellBug(messages, error)
  }
  await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
  return exitCode
}

/** Help and version end well; everything else that commander stops at is a wrong use. */
function usageExit(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
}

async function tellBug(messages: Messages, error: unknown): Promise<ExitCode> {
  messages.stderr.write(`error: orch came to a state that it should not know: ${harmless(failureText(error))}\n`)
  messages.stderr.write('  why: this is a mistake in orch itself, or a broken disk or terminal\n')
  messages.stderr.write('  what to do: report it with the lines below; orch status tells where the change stands\n')
  if (error instanceof Error && error.stack) {
    const { mapStackTrace } = await import('./stack-trace.js')
    messages.stderr.write(`${harmlessLines(mapStackTrace(error.stack))}\n`)
  }
  return exitCodes.notSuccessful
}

function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n')
}

function createProgram(context: Context, messages: Messages, exit: (code: ExitCode) => void): Command {
  const program = new Command('orch')
    .description(
      'Builds a change across GitHub repositories in the order of a graph, and unlocks its pull requests together or not at all.',
    )
    .version(readVersion(), '-V, --version')
  const commands = [
    runCommand(async (branch, flags) => exit(await runChange(context, messages, branch, flags))),
    planCommand(async (branch, flags) => exit(await runChange(context, messages, branch, flags))),
    invalidateCommand(async (branch, flags) => exit(await invalidateChange(context, messages, branch, flags))),
    listCommand(async (flags) => exit(await listOrchestrations(context, messages, flags))),
    watchCommand(async (id, flags) => exit(await watchOrchestration(context, messages, id, flags))),
    cancelCommand(async (named, flags) => exit(await cancelOrchestrations(context, messages, named, flags))),
    showCommand(async (id, flags) => exit(await showOrchestration(context, messages, id, flags))),
    demoCommand(async (flags) => exit(await playDemo(context, messages, flags))),
    resumeCommand(async (id, flags) => exit(await resumeOrchestration(context, messages, id, flags))),
    sandboxCommand(async (flags) => exit(await serveSandbox(context, messages, flags))),
    statusCommand(async (branch, flags) => exit(await showStatus(context, messages, branch, flags))),
    completionCommand(async (shell, flags) =>
      exit(await printCompletion(context, messages, { program, shell, flags })),
    ),
  ]
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

function hintFor(command: Command, program: Command): string {
  return command === program
    ? '(orch --help shows all commands, orch <command> --help its flags)'
    : `(orch ${command.name()} --help shows its flags)`
}
