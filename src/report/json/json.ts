import type { PauseReporter } from '../../ports/reporter.js'
import { eventToJson, pauseToJson } from './event-json.js'
import type { JsonObject } from './event-json.js'
import { jsonSafe } from '../../lib/sanitize.js'
import type { Output } from '../output.js'

/** One event per line, all of them: config/schemas/run-events.schema.json. The last line of an ended orchestration is `finished`. */
export function createJsonReporter({ output }: { output: Output }): PauseReporter {
  let id: string | null = null
  return {
    report: (event, orchestration) => {
      id = orchestration.id
      output.write(`${jsonSafe(eventToJson(event, orchestration))}\n`)
    },
    pause: (pause) => output.write(`${jsonSafe(pauseToJson(pause, id))}\n`),
    close: () => output.flush(),
  }
}

/** A whole JSON document (a plan, an invalidation, a status) as text for stdout, indented by two. */
export function jsonDocument(document: JsonObject): string {
  return `${jsonSafe(document, 2)}\n`
}
