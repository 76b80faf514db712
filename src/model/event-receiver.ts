import { showsMarker } from './build/marker.js'
import type { ReadEventTrigger } from './workflow-triggers.js'

/** A workflow file on the default branch of a repository. */
export interface WorkflowText {
  /** File name below `.github/workflows/`. */
  workflow: string
  text: string
}

/** A workflow that an event starts. */
export interface EventReceiver {
  workflow: string
  /** Its `run-name` contains `client_payload.orch_id`, so that its run can be found by it. */
  carriesMarker: boolean
}

/** The workflows that GitHub starts for an event of this type, in the order of the files. */
export function receiversOf(
  workflows: readonly WorkflowText[],
  eventType: string,
  readTrigger: ReadEventTrigger,
): EventReceiver[] {
  return workflows.flatMap(({ workflow, text }) => {
    const trigger = readTrigger(text)
    const isStarted = trigger !== null && (trigger.types === null || trigger.types.includes(eventType))
    return isStarted ? [{ workflow, carriesMarker: showsMarker(trigger.runName) }] : []
  })
}
