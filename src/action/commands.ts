import type { Command } from 'commander'
import { cancel, cancelCommand } from '../cli/commands/cancel.js'
import { invalidate, invalidateCommand } from '../cli/commands/invalidate.js'
import { pass, passCommand } from '../cli/commands/pass.js'
import type { Perform } from '../cli/commands/perform.js'
import { planCommand } from '../cli/commands/plan.js'
import { resume, resumeCommand } from '../cli/commands/resume.js'
import { run, runCommand } from '../cli/commands/run.js'
import { showStatus, statusCommand } from '../cli/commands/status.js'
import type { CommandName } from './inputs.js'

/** The command that a step names. */
export function actionCommand(name: CommandName, perform: Perform): Command {
  switch (name) {
    case 'run':
      return runCommand((branch, flags) => perform((...ports) => run(...ports, branch, flags)))
    case 'plan':
      return planCommand((branch, flags) => perform((...ports) => run(...ports, branch, flags)))
    case 'status':
      return statusCommand((branch, flags) => perform((...ports) => showStatus(...ports, branch, flags)))
    case 'invalidate':
      return invalidateCommand((branch, flags) => perform((...ports) => invalidate(...ports, branch, flags)))
    case 'pass':
      return passCommand((flags) => perform((...ports) => pass(...ports, flags)))
    case 'resume':
      return resumeCommand((id, flags) => perform((...ports) => resume(...ports, id, flags)))
    case 'cancel':
      return cancelCommand((named, flags) => perform((...ports) => cancel(...ports, named, flags)))
  }
}
