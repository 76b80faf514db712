import type { PlannedRun } from '../../app/plan-run.js'
import { estimateRun } from '../../model/build/estimate.js'
import type { ExitCode } from './exit-codes.js'
import { exitCodes } from './exit-codes.js'
import type { Messages } from './messages.js'

/** Prints the effects of a run. */
export async function printPlan(
  messages: Messages,
  { plan, options }: PlannedRun,
  { asJson, keepsLimits }: { asJson: boolean; keepsLimits: boolean },
): Promise<ExitCode> {
  const estimate = estimateRun(plan, options, keepsLimits)
  if (asJson) {
    const [{ jsonDocument }, { planToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/plan-json.js'),
    ])
    messages.stdout.write(jsonDocument(planToJson(plan, options, estimate)))
  } else {
    const { renderPlan } = await import('../../report/views/plan-view.js')
    messages.stdout.write(renderPlan(plan, options, messages.view, estimate))
  }
  return exitCodes.success
}
