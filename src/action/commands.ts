import type { Command } from 'commander'
import { cancel, cancelCommand } from '../cli/commands/cancel.js'
import { invalidate, invalidateCommand } from '../cli/commands/invalidate.js'
import { pass, passCommand } from '../cli/commands/pass.js'
import { planCommand } from '../cli/commands/plan.js'
import { resume, resumeCommand } from '../cli/commands/resume.js'
import { run, runCommand } from '../cli/commands/run.js'
import { showStatus, statusCommand } from '../cli/commands/status.js'
import type { CommandSource } from '../cli/run-program.js'
import type { CommandName } from './inputs.js'

/** The command that a step names. */
export function actionCommand(name: CommandName, { context, messages, exit }: CommandSource): Command {
  switch (name) {
    case 'run':
      return runCommand(async (branch, flags) => exit(await run(context, messages, branch, flags)))
    case 'plan':
      return planCommand(async (branch, flags) => exit(await run(context, messages, branch, flags)))
    case 'status':
      return statusCommand(async (branch, flags) => exit(await showStatus(context, messages, branch, flags)))
    case 'invalidate':
      return invalidateCommand(async (branch, flags) => exit(await invalidate(context, messages, branch, flags)))
    case 'pass':
      return passCommand(async (flags) => exit(await pass(context, messages, flags)))
    case 'resume':
      return resumeCommand(async (id, flags) => exit(await resume(context, messages, id, flags)))
    case 'cancel':
      return cancelCommand(async (named, flags) => exit(await cancel(context, messages, named, flags)))
  }
}
