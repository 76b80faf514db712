import type { ExitCode } from '../../output/exit-codes.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import type { FlowActions } from './flow-commands.js'

/** What the commands about events, runs and flows do. It is loaded when one of them runs. */
export function createFlowActions(context: Context, messages: Messages, exit: (code: ExitCode) => void): FlowActions {
  const events = () => import('./events.js')
  const runs = () => import('./runs.js')
  const flows = () => import('./flows.js')
  return {
    sendEvent: async (type, flags) => exit(await (await events()).sendEvent(context, messages, type, flags)),
    listEvents: async (flags) => exit(await (await events()).listEvents(context, messages, flags)),
    showEvent: async (id, flags) => exit(await (await events()).showEvent(context, messages, id, flags)),
    replayEvent: async (id, flags) => exit(await (await events()).replayEvent(context, messages, id, flags)),
    handoff: async (flow, flags) => exit(await (await events()).handOff(context, messages, flow, flags)),
    listRuns: async (flags) => exit(await (await runs()).listRuns(context, messages, flags)),
    showRun: async (id, flags) => exit(await (await runs()).showRun(context, messages, id, flags)),
    watchRun: async (id, flags) => exit(await (await runs()).watchRun(context, messages, id, flags)),
    cancelRun: async (id, flags) => exit(await (await runs()).cancelRun(context, messages, id, flags)),
    printLog: async (id, flags) => exit(await (await runs()).printLog(context, messages, id, flags)),
    listFlows: async (flags) => exit(await (await flows()).listFlows(context, messages, flags)),
    showFlow: async (name, flags) => exit(await (await flows()).showFlow(context, messages, name, flags)),
    checkFlows: async (flags) => exit(await (await flows()).checkFlows(context, messages, flags)),
    setFlow: async (name, isEnabled, flags) =>
      exit(await (await flows()).setFlow(context, messages, { ...flags, name, isEnabled })),
  }
}
