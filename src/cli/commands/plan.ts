import { Command } from 'commander'
import { addCommonOptions } from '../flags/common-options.js'
import { addRunOptions } from '../flags/run-options.js'
import type { RunFlags } from '../flags/run-options.js'

/** `orch plan`: what a run would do, touching nothing. */
export function planCommand(run: (branch: string | undefined, flags: RunFlags) => Promise<void>): Command {
  const command = new Command('plan')
    .description('say what a run would do, touching nothing (the same as orch run --dry-run)')
    .argument('[branch]', 'branch of the change (default: the current git branch)')
  return addRunOptions(addCommonOptions(command)).action((branch: string | undefined, flags: RunFlags) =>
    run(branch, { ...flags, dryRun: true }),
  )
}
