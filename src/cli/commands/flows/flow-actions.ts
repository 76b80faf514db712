import type { Perform } from '../perform.js'
import type { FlowActions } from './flow-commands.js'

/** What the commands about events, runs and flows do. It is loaded when one of them runs. */
export function createFlowActions(perform: Perform): FlowActions {
  const events = () => import('./events.js')
  const runs = () => import('./runs.js')
  const flows = () => import('./flows.js')
  return {
    sendEvent: (type, flags) => perform(async (...ports) => (await events()).sendEvent(...ports, type, flags)),
    listEvents: (flags) => perform(async (...ports) => (await events()).listEvents(...ports, flags)),
    showEvent: (id, flags) => perform(async (...ports) => (await events()).showEvent(...ports, id, flags)),
    replayEvent: (id, flags) => perform(async (...ports) => (await events()).replayEvent(...ports, id, flags)),
    handoff: (flow, flags) => perform(async (...ports) => (await events()).handOff(...ports, flow, flags)),
    listRuns: (flags) => perform(async (...ports) => (await runs()).listRuns(...ports, flags)),
    showRun: (id, flags) => perform(async (...ports) => (await runs()).showRun(...ports, id, flags)),
    watchRun: (id, flags) => perform(async (...ports) => (await runs()).watchRun(...ports, id, flags)),
    cancelRun: (id, flags) => perform(async (...ports) => (await runs()).cancelRun(...ports, id, flags)),
    printLog: (id, flags) => perform(async (...ports) => (await runs()).printLog(...ports, id, flags)),
    listFlows: (flags) => perform(async (...ports) => (await flows()).listFlows(...ports, flags)),
    showFlow: (name, flags) => perform(async (...ports) => (await flows()).showFlow(...ports, name, flags)),
    checkFlows: (flags) => perform(async (...ports) => (await flows()).checkFlows(...ports, flags)),
    setFlow: (name, isEnabled, flags) =>
      perform(async (...ports) => (await flows()).setFlow(...ports, { ...flags, name, isEnabled })),
  }
}
