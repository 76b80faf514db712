import type { Reporter } from '../ports/reporter.js'
import { eventToJson } from './event-json.js'
import type { JsonObject } from './event-json.js'
import { jsonSafe } from './harmless.js'
import type { Output } from './output.js'

/** One event per line, all of them: config/schemas/run-events.schema.json. The last line of an ended orchestration is `finished`. */
export function createJsonReporter({ output }: { output: Output }): Reporter {
  return {
    report: (event, orchestration) => output.write(`${jsonSafe(eventToJson(event, orchestration))}\n`),
    close: () => output.flush(),
  }
}

/** A whole JSON document (a plan, an invalidation, a status) as text for stdout, indented by two. */
export function jsonDocument(document: JsonObject): string {
  return `${jsonSafe(document, 2)}\n`
}
