import { createHash } from 'node:crypto'
import type { FlowEvent } from '../model/flow/flow-event.js'

/**
 * The id of the run of a flow for an event: the same for the same two, so that a run cannot be created twice. An event that is sent again after
 * it was removed has other runs, because of its time.
 */
export function runId({ id, createdAt }: Pick<FlowEvent, 'id' | 'createdAt'>, flow: string): string {
  return createHash('sha256')
    .update(JSON.stringify([id, createdAt, flow]))
    .digest('hex')
    .slice(0, 20)
}
