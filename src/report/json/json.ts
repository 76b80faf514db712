import { jsonSafe } from '../../lib/sanitize.js'
import type { DocumentJson } from '../../model/wire/documents.js'
import type { RunEventJson } from '../../model/wire/run-events.js'
import type { PauseReporter } from '../../ports/reporter.js'
import type { Output } from '../output.js'
import { eventToJson, pauseToJson } from './event-json.js'

/** Prints every event as one line (config/schemas/run-events.schema.json). The last line of an ended orchestration is `finished`. */
export function createJsonReporter({ output }: { output: Output }): PauseReporter {
  let id: string | null = null
  const write = (line: RunEventJson): void => output.write(`${jsonSafe(line)}\n`)
  return {
    report: (event, orchestration) => {
      id = orchestration.id
      write(eventToJson(event, orchestration))
    },
    pause: (pause) => write(pauseToJson(pause, id)),
    close: () => output.flush(),
  }
}

/** A whole JSON document for stdout, indented by two. */
export function jsonDocument(document: DocumentJson): string {
  return `${jsonSafe(document, 2)}\n`
}
