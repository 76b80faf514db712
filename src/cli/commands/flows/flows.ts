import { NotFoundError } from '../../../client/index.js'
import { flowHint } from '../../../model/flow/flow-hint.js'
import { jsonDocument } from '../../../report/json/json.js'
import { renderFlow, renderFlowProblems, renderFlows } from '../../../report/views/flows-view.js'
import { exitCodes } from '../../output/exit-codes.js'
import type { ExitCode } from '../../output/exit-codes.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import type { FlowFlags } from './flow-commands.js'
import { withFlowClient } from './with-client.js'

const shownRuns = 5

export async function listFlows(context: Context, messages: Messages, flags: FlowFlags): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const items = await client.listFlows()
    messages.stdout.write(flags.json === true ? jsonDocument({ items }) : renderFlows(items, messages.view))
    return exitCodes.success
  })
}

export async function showFlow(
  context: Context,
  messages: Messages,
  name: string,
  flags: FlowFlags,
): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const flows = await client.listFlows()
    const flow = flows.find((each) => each.name === name && each.shadowedBy === null)
    if (!flow) {
      const names = flows.map((each) => each.name)
      const hint = flowHint(name, names)
      throw new NotFoundError(`there is no flow "${name}". ${hint}`)
    }
    const runs = (await client.listRuns({ limit: 100 })).filter((run) => run.flow === name).slice(0, shownRuns)
    messages.stdout.write(
      flags.json === true ? jsonDocument({ flow, runs }) : renderFlow({ flow, runs }, messages.view),
    )
    return exitCodes.success
  })
}

/** Not successful where a flow file has a mistake. */
export async function checkFlows(context: Context, messages: Messages, flags: FlowFlags): Promise<ExitCode> {
  const here = { ...context, env: { ...context.env, ORCH_URL: '' } }
  return withFlowClient(here, messages, flags, async (client) => {
    const items = await client.listFlows()
    messages.stdout.write(flags.json === true ? jsonDocument({ items }) : renderFlowProblems(items))
    return items.some(({ problems }) => problems.length > 0) ? exitCodes.notSuccessful : exitCodes.success
  })
}

export async function setFlow(
  context: Context,
  messages: Messages,
  { name, isEnabled, ...flags }: FlowFlags & { name: string; isEnabled: boolean },
): Promise<ExitCode> {
  return withFlowClient(context, messages, flags, async (client) => {
    const flow = await client.setFlowEnabled(name, isEnabled)
    messages.stdout.write(flags.json === true ? jsonDocument({ flow, runs: [] }) : `${flow.name} is ${flow.state}\n`)
    return exitCodes.success
  })
}
