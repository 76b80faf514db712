import { isTooDeep } from '../../lib/json-depth.js'
import type { Json } from './flow-event.js'

export const flowResultStatuses = [
  'completed',
  'changed',
  'skipped',
  'needs_intervention',
  'blocked',
  'failed',
] as const
export type FlowResultStatus = (typeof flowResultStatuses)[number]

/** What a flow says that it came to, in a line of its output. */
export interface FlowResult {
  status: FlowResultStatus
  /** Empty: none was given. */
  message: string
  artifacts: readonly Json[]
}

const prefixes = ['ORCH_RESULT ', 'FLOW_RESULT ']

/** Whether a line of stdout is a result, right or wrong. */
export function isResultLine(line: string): boolean {
  return prefixes.some((prefix) => line.startsWith(prefix))
}

/** Reads a line that `isResultLine`. A malformed one, or one with an unknown status, is the result `failed` with the reason. */
export function parseResultLine(line: string): FlowResult {
  const text = line.slice(line.indexOf(' ') + 1)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return malformed(`the result is not valid JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return malformed('the result is not a JSON object')
  // Nothing could write it as JSON again.
  if (isTooDeep(value)) return malformed('the result is nested too deep')
  const { status, message = '', artifacts = [] } = value as Record<string, unknown>
  const known = flowResultStatuses.find((each) => each === status)
  if (known === undefined)
    return malformed(
      `the result has the unknown status ${JSON.stringify(status)}; use ${flowResultStatuses.join(', ')}`,
    )
  if (typeof message !== 'string') return malformed('the message of the result is not a text')
  if (!Array.isArray(artifacts)) return malformed('the artifacts of the result are not a list')
  return { status: known, message, artifacts: artifacts as Json[] }
}

function malformed(message: string): FlowResult {
  return { status: 'failed', message, artifacts: [] }
}
