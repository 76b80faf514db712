import { Command } from 'commander'
import type { Plan, RunOptions } from '../../model/plan.js'
import { addCommonOptions } from '../common-options.js'
import type { ExitCode } from '../exit-codes.js'
import { exitCodes } from '../exit-codes.js'
import type { Messages } from '../terminal-messages.js'
import { addRunOptions } from '../run-options.js'
import type { RunFlags } from '../run-options.js'

/** `orch plan`: what a run would do, touching nothing. */
export function planCommand(run: (branch: string | undefined, flags: RunFlags) => Promise<void>): Command {
  const command = new Command('plan')
    .description('say what a run would do, touching nothing (the same as orch run --dry-run)')
    .argument('[branch]', 'branch of the change (default: the current git branch)')
  return addRunOptions(addCommonOptions(command)).action((branch: string | undefined, flags: RunFlags) =>
    run(branch, { ...flags, dryRun: true }),
  )
}

export async function printPlan(
  messages: Messages,
  plan: Plan,
  options: RunOptions,
  { asJson, keepsLimits }: { asJson: boolean; keepsLimits: boolean },
): Promise<ExitCode> {
  const { estimateRun } = await import('../../model/estimate.js')
  const estimate = estimateRun(plan, options, keepsLimits)
  if (asJson) {
    const [{ jsonDocument }, { planToJson }] = await Promise.all([
      import('../../report/json.js'),
      import('../../report/plan-json.js'),
    ])
    messages.stdout.write(jsonDocument(planToJson(plan, options, estimate)))
  } else {
    const { renderPlan } = await import('../../report/plan-view.js')
    messages.stdout.write(renderPlan(plan, options, messages.view, estimate))
  }
  return exitCodes.success
}
