import { clientOver } from './client-over.js'
import type { FlowClient } from './flow-client.js'
import type { Paged } from './paged.js'
import type { FlowClientOptions } from './options.js'

export * from './errors.js'
export type * from './flow-client.js'
export type * from './options.js'
export type * from '../model/wire/flows.js'

/** A client for events and runs. What it needs is loaded with its first call. */
export function createFlowClient(options: FlowClientOptions): FlowClient {
  return clientOver(() => openMode(options))
}

async function openMode(options: FlowClientOptions): Promise<Paged> {
  if (options.mode === 'http') {
    const { HttpClient } = await import('./http/http-client.js')
    return new HttpClient(options)
  }
  const { LocalClient } = await import('./local/local-client.js')
  return new LocalClient(options)
}
