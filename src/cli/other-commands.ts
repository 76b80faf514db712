import type { Command } from 'commander'
import { cancel, cancelCommand } from './commands/cancel.js'
import { completionCommand, printCompletion } from './commands/completion.js'
import { demoCommand, playDemo } from './commands/demo.js'
import { doctorCommand, examineSetup } from './commands/doctor.js'
import { dispatch, dispatchCommand } from './commands/dispatch.js'
import { createFlowActions } from './commands/flows/flow-actions.js'
import { eventCommand, flowsCommand, handoffCommand, runsCommand } from './commands/flows/flow-commands.js'
import { graphCommand, showGraph } from './commands/graph.js'
import { initCommand } from './commands/init.js'
import { invalidate, invalidateCommand } from './commands/invalidate.js'
import { listCommand, listOrchestrations } from './commands/list.js'
import { pass, passCommand } from './commands/pass.js'
import { resume, resumeCommand } from './commands/resume.js'
import { serveCommand, workerCommand, workersCommand } from './commands/service-commands.js'
import { sandboxCommand, serveSandbox } from './commands/sandbox.js'
import { setupCommand, setUp } from './commands/setup.js'
import { printOrchestration, showCommand } from './commands/show.js'
import type { Perform } from './commands/perform.js'
import { showStatus, statusCommand } from './commands/status.js'
import { printVersion, versionCommand } from './commands/version.js'
import { watch, watchCommand } from './commands/watch.js'

/** All commands except `run` and `plan`, in the order of the help. */
export function otherCommands(program: Command, perform: Perform): Command[] {
  const flows = createFlowActions(perform)
  return [
    statusCommand((branch, flags) => perform((...ports) => showStatus(...ports, branch, flags))),
    invalidateCommand((branch, flags) => perform((...ports) => invalidate(...ports, branch, flags))),
    passCommand((flags) => perform((...ports) => pass(...ports, flags))),
    dispatchCommand((eventType, flags) => perform((...ports) => dispatch(...ports, eventType, flags))),
    graphCommand((branch, flags) => perform((...ports) => showGraph(...ports, branch, flags))),
    listCommand((flags) => perform((...ports) => listOrchestrations(...ports, flags))),
    showCommand((id, flags) => perform((...ports) => printOrchestration(...ports, id, flags))),
    watchCommand((id, flags) => perform((...ports) => watch(...ports, id, flags))),
    resumeCommand((id, flags) => perform((...ports) => resume(...ports, id, flags))),
    cancelCommand((named, flags) => perform((...ports) => cancel(...ports, named, flags))),
    doctorCommand((branch, flags) => perform((...ports) => examineSetup(...ports, branch, flags))),
    setupCommand((flags) => perform((...ports) => setUp(...ports, flags))),
    initCommand((flags) =>
      perform(async (...ports) => {
        if (flags.demo === true) {
          const { makePlayground } = await import('./commands/init/make-playground.js')
          return makePlayground(...ports, flags)
        }
        const { runInit } = await import('./commands/init/run-init.js')
        return runInit(...ports, flags)
      }),
    ),
    serveCommand((flags) =>
      perform(async (...ports) => {
        const { serve } = await import('./commands/serve.js')
        return serve(...ports, flags)
      }),
    ),
    workerCommand((flags) =>
      perform(async (...ports) => {
        const { work } = await import('./commands/worker.js')
        return work(...ports, flags)
      }),
    ),
    workersCommand((flags) =>
      perform(async (...ports) => {
        const { listWorkers } = await import('./commands/workers.js')
        return listWorkers(...ports, flags)
      }),
    ),
    eventCommand(flows),
    runsCommand(flows),
    handoffCommand(flows),
    flowsCommand(flows),
    demoCommand((flags) => perform((...ports) => playDemo(...ports, flags))),
    sandboxCommand((flags) => perform((...ports) => serveSandbox(...ports, flags))),
    completionCommand((shell, flags) => perform((...ports) => printCompletion(...ports, { program, shell, flags }))),
    versionCommand(() => perform((_context, messages) => Promise.resolve(printVersion(messages)))),
  ]
}
