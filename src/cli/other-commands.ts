import type { Command } from 'commander'
import { cancel, cancelCommand } from './commands/cancel.js'
import { completionCommand, printCompletion } from './commands/completion.js'
import { demoCommand, playDemo } from './commands/demo.js'
import { doctorCommand, examineSetup } from './commands/doctor.js'
import { createFlowActions } from './commands/flows/flow-actions.js'
import { eventCommand, flowsCommand, handoffCommand, runsCommand } from './commands/flows/flow-commands.js'
import { invalidate, invalidateCommand } from './commands/invalidate.js'
import { listCommand, listOrchestrations } from './commands/list.js'
import { pass, passCommand } from './commands/pass.js'
import { resume, resumeCommand } from './commands/resume.js'
import { serveCommand, workerCommand, workersCommand } from './commands/service-commands.js'
import { sandboxCommand, serveSandbox } from './commands/sandbox.js'
import { setupCommand, setUp } from './commands/setup.js'
import { printOrchestration, showCommand } from './commands/show.js'
import { showStatus, statusCommand } from './commands/status.js'
import { watch, watchCommand } from './commands/watch.js'
import type { Context } from './process/context.js'
import type { ExitCode } from './output/exit-codes.js'
import type { Messages } from './output/messages.js'

/** All commands except `run` and `plan`, in the order of the help. Each passes its exit code to `exit`. */
export function otherCommands(
  context: Context,
  messages: Messages,
  program: Command,
  exit: (code: ExitCode) => void,
): Command[] {
  const flows = createFlowActions(context, messages, exit)
  return [
    invalidateCommand(async (branch, flags) => exit(await invalidate(context, messages, branch, flags))),
    passCommand(async (flags) => exit(await pass(context, messages, flags))),
    listCommand(async (flags) => exit(await listOrchestrations(context, messages, flags))),
    watchCommand(async (id, flags) => exit(await watch(context, messages, id, flags))),
    cancelCommand(async (named, flags) => exit(await cancel(context, messages, named, flags))),
    showCommand(async (id, flags) => exit(await printOrchestration(context, messages, id, flags))),
    doctorCommand(async (branch, flags) => exit(await examineSetup(context, messages, branch, flags))),
    setupCommand(async (flags) => exit(await setUp(context, messages, flags))),
    demoCommand(async (flags) => exit(await playDemo(context, messages, flags))),
    resumeCommand(async (id, flags) => exit(await resume(context, messages, id, flags))),
    sandboxCommand(async (flags) => exit(await serveSandbox(context, messages, flags))),
    serveCommand(async (flags) => {
      const { serve } = await import('./commands/serve.js')
      exit(await serve(context, messages, flags))
    }),
    workerCommand(async (flags) => {
      const { work } = await import('./commands/worker.js')
      exit(await work(context, messages, flags))
    }),
    workersCommand(async (flags) => {
      const { listWorkers } = await import('./commands/workers.js')
      exit(await listWorkers(context, messages, flags))
    }),
    eventCommand(flows),
    runsCommand(flows),
    handoffCommand(flows),
    flowsCommand(flows),
    statusCommand(async (branch, flags) => exit(await showStatus(context, messages, branch, flags))),
    completionCommand(async (shell, flags) =>
      exit(await printCompletion(context, messages, { program, shell, flags })),
    ),
  ]
}
