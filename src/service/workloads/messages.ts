import { failureText } from '../../lib/failure-text.js'
import type { RepoName } from '../../model/repo-name.js'
import type { WorkflowRun } from '../../model/workflow-run.js'
import type { Database } from '../database/database.js'
import type { Log } from '../operations/log.js'

/** What the processes tell each other about the queue. Every message is a hint: the rows of the queue say the same a few seconds later. */
export type QueueMessage =
  /** A workload is pending, and the process that accepted it has no room. */
  | { type: 'pending' }
  /** Somebody asked to cancel a workload that a process executes. */
  | { type: 'cancel'; id: string; by: string }
  /** GitHub reported a run to a process that does not wait for it. */
  | { type: 'observe'; repo: RepoName; run: WorkflowRun }

/** The channel of these messages. */
export const queueChannel = 'orch_workloads'
/** The channel on which the end of each workload is announced, with its id. */
export const endedChannel = 'orch_workload_ended'
/** The limit of PostgreSQL, bytes. */
const maxMessageBytes = 7_900

export function listenToQueue(
  database: Database,
  { log, onMessage }: { log: Log; onMessage: (message: QueueMessage) => void },
): Promise<() => Promise<void>> {
  return database.listen(queueChannel, (payload) => {
    const message = parse(payload)
    if (message) onMessage(message)
    else log.warn({ bytes: payload.length }, 'a message about the queue could not be read')
  })
}

/** Never rejects. */
export async function tellQueue(database: Database, log: Log, message: QueueMessage): Promise<void> {
  const payload = JSON.stringify(message)
  if (Buffer.byteLength(payload) > maxMessageBytes) return log.warn({ type: message.type }, 'a message is too long')
  try {
    await database.notify(queueChannel, payload)
  } catch (error) {
    log.warn({ type: message.type, error: failureText(error) }, 'the other processes could not be told of a change')
  }
}

function parse(payload: string): QueueMessage | null {
  try {
    return JSON.parse(payload) as QueueMessage
  } catch {
    return null
  }
}
