import type { FlowClient } from './flow-client.js'
import { allOf } from './paged.js'
import type { Paged } from './paged.js'

/** A client over a mode, which is opened with the first call. */
export function clientOver(openMode: () => Promise<Paged>): FlowClient {
  let opened: Promise<Paged> | null = null
  const open = (): Promise<Paged> => (opened ??= openMode())
  return {
    dispatchEvent: async (event, call) => (await open()).dispatchEvent(event, call),
    getEvent: async (id, call) => (await open()).getEvent(id, call),
    listEvents: async (query = {}, call) => [...(await (await open()).eventPage(query, call)).items],
    events: (query = {}, call) => allOf(query, async (page) => (await open()).eventPage(page, call)),
    listRuns: async (query = {}, call) => [...(await (await open()).runPage(query, call)).items],
    runs: (query = {}, call) => allOf(query, async (page) => (await open()).runPage(page, call)),
    getRun: async (id, call) => (await open()).getRun(id, call),
    replayEvent: async (id, call) => (await open()).replayEvent(id, call),
    cancelRun: async (id, call) => (await open()).cancelRun(id, call),
    handoff: async (flow, input, call) => (await open()).handoff(flow, input, call),
    listFlows: async (call) => (await open()).listFlows(call),
    setFlowEnabled: async (flow, isEnabled, call) => (await open()).setFlowEnabled(flow, isEnabled, call),
    watchRun: async function* (id, call) {
      yield* (await open()).watchRun(id, call)
    },
  }
}
