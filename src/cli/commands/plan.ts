import { Command } from 'commander'
import { addCommonOptions } from '../flags/common-options.js'
import { addRunOptions } from '../flags/run-options.js'
import type { RunFlags } from '../flags/run-options.js'

/** `orch plan`: shows what a run would do, without changing anything. */
export function planCommand(action: (branch: string | undefined, flags: RunFlags) => Promise<void>): Command {
  const command = new Command('plan')
    .description('show what a run would do, without changing anything (the same as orch run --dry-run)')
    .argument('[branch]', 'branch of the change (default: the current git branch)')
  return addRunOptions(addCommonOptions(command)).action((branch: string | undefined, flags: RunFlags) =>
    action(branch, { ...flags, dryRun: true }),
  )
}
