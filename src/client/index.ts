import type { FlowClient } from './flow-client.js'
import { allOf } from './paged.js'
import type { Paged } from './paged.js'
import type { FlowClientOptions } from './options.js'

export * from './errors.js'
export type * from './flow-client.js'
export type * from './options.js'
export type * from '../model/wire/flows.js'

/** A client for events and runs. What it needs is loaded with its first call. */
export function createFlowClient(options: FlowClientOptions): FlowClient {
  let opened: Promise<Paged> | null = null
  const open = (): Promise<Paged> => (opened ??= openMode(options))
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

async function openMode(options: FlowClientOptions): Promise<Paged> {
  if (options.mode === 'http') {
    const { HttpClient } = await import('./http/http-client.js')
    return new HttpClient(options)
  }
  const { LocalClient } = await import('./local/local-client.js')
  return new LocalClient(options)
}
