import { resolve } from 'node:path'
import { stop, usageProblem } from '../../../app/problem.js'
import type { Result } from '../../../app/problem.js'
import { parseJson } from '../../../lib/parse-json.js'
import { fileProblem, readRegularFile } from '../../../lib/regular-file.js'

/** More than a payload may have, so that the message about a payload names its own limit. */
const maxFileBytes = 16 * 1024 * 1024

/** Where a payload is read from, besides the command line. */
export interface PayloadSources {
  /** Relative paths start here. */
  cwd: string
  readStdin: () => Promise<string>
}

/** The payload of an event, which must be JSON. */
export async function readJsonPayload(given: string, sources: PayloadSources): Promise<Result<unknown>> {
  const text = await readPayloadText(given, sources)
  if (!text.ok) return text
  const parsed = parseJson(text.value)
  if (parsed.ok) return { ok: true, value: parsed.value }
  return stop(usageProblem('the payload is not valid JSON', parsed.problem, 'Write it like \'{"tag": "v1.2.3"}\'.'))
}

/** The payload of a handoff: JSON, or else the text itself. */
export async function readTextPayload(given: string, sources: PayloadSources): Promise<Result<unknown>> {
  const text = await readPayloadText(given, sources)
  if (!text.ok) return text
  const parsed = parseJson(text.value)
  return { ok: true, value: parsed.ok ? parsed.value : text.value }
}

/** A payload as it was written: the text, the file after `@`, or the standard input for `-`. */
export async function readPayloadText(given: string, { cwd, readStdin }: PayloadSources): Promise<Result<string>> {
  if (given === '-') return { ok: true, value: await readStdin() }
  if (!given.startsWith('@')) return { ok: true, value: given }
  const path = given.slice(1)
  try {
    return { ok: true, value: readRegularFile(resolve(cwd, path), maxFileBytes).toString('utf8') }
  } catch (error) {
    return stop(
      usageProblem(`the payload ${path} cannot be read`, fileProblem(error), 'Name a file that you can read.'),
    )
  }
}
