import { createHash } from 'node:crypto'

/** The id of the run of a flow for an event: the same for the same two, so that a run cannot be created twice. */
export function runId(eventId: string, flow: string): string {
  return createHash('sha256')
    .update(JSON.stringify([eventId, flow]))
    .digest('hex')
    .slice(0, 20)
}
