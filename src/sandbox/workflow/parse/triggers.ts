import { interpolate } from '../expression/expression.js'
import type { Value } from '../expression/expression-value.js'
import { isMap, readYamlMap, scalarText } from './yaml-map.js'
import type { YamlMap } from './yaml-map.js'

/** One declared input of `on.workflow_dispatch.inputs`. */
export interface InputDeclaration {
  required: boolean
  /** The default as text, regardless of its YAML type; absent if the file has none. */
  default?: string
  /** `string` if the file has none. */
  type: 'string' | 'boolean' | 'number' | 'choice' | 'environment'
  /** The values of a `choice`. */
  options?: string[]
}

/** The triggers of a workflow that the sandbox supports, with its names. */
export interface Triggers {
  /** `name:` of the file. GitHub shows the path of the file if it is absent. */
  name?: string
  /** `run-name:` with its expressions unevaluated. */
  runName?: string
  /** Every event under `on:`. */
  events: string[]
  /** Present when the workflow can be started with `workflow_dispatch`. */
  workflowDispatch?: { inputs: Record<string, InputDeclaration> }
  /** Present when `repository_dispatch` starts it; without `types`, any type does. */
  repositoryDispatch?: { types?: string[] }
}

const inputTypes = ['string', 'boolean', 'number', 'choice', 'environment'] as const

/** Reads the triggers of a workflow file; `message` says why the file is not valid. It does not check the jobs. */
export function readTriggers(text: string): ({ ok: true } & Triggers) | { ok: false; message: string } {
  const read = readYamlMap(text)
  if (!read.ok) return read
  const { map } = read
  const on = eventsOf(map.on)
  if (on === undefined) return { ok: false, message: '`on` must name an event, list events or map them.' }
  const triggers: Triggers = { events: Object.keys(on) }
  if (typeof map.name === 'string') triggers.name = map.name
  const runName = scalarText(map['run-name'])
  if (runName !== undefined && runName.trim() !== '') triggers.runName = runName
  if (Object.hasOwn(on, 'workflow_dispatch')) {
    const inputs = readInputs(on.workflow_dispatch)
    if (!inputs.ok) return inputs
    triggers.workflowDispatch = { inputs: inputs.value }
  }
  if (Object.hasOwn(on, 'repository_dispatch')) triggers.repositoryDispatch = repositoryDispatch(on.repository_dispatch)
  return { ok: true, ...triggers }
}

/**
 * Evaluates `run-name` to the `display_title` of a run. Returns undefined if `run-name` is absent, blank or cannot be evaluated. GitHub then
 * shows a title that depends on the event: for `workflow_dispatch` the workflow's name.
 */
export function displayTitle(
  runName: string | undefined,
  contexts: { inputs: Record<string, Value>; github: Record<string, Value> },
): string | undefined {
  if (runName === undefined) return undefined
  const title = interpolate(runName, { contexts: { ...contexts, vars: {} } })
  return title.ok && title.value.trim() !== '' ? title.value : undefined
}

/** Builds the `inputs` context from inputs that arrived as text. As on GitHub, booleans and numbers get their declared type. */
export function typedInputs(
  declared: Record<string, InputDeclaration>,
  inputs: Record<string, string>,
): Record<string, Value> {
  const typed = Object.entries(inputs).map(([name, text]): [string, Value] => {
    const type = Object.hasOwn(declared, name) ? declared[name]?.type : undefined
    if (type === 'boolean') return [name, text === 'true']
    return [name, type === 'number' && text.trim() !== '' ? Number(text) : text]
  })
  return Object.fromEntries(typed)
}

function eventsOf(on: unknown): YamlMap | undefined {
  if (typeof on === 'string') return { [on]: null }
  if (isMap(on)) return on
  if (!Array.isArray(on) || !on.every((event) => typeof event === 'string')) return undefined
  return Object.fromEntries(on.map((event) => [event, null]))
}

function readInputs(
  dispatch: unknown,
): { ok: true; value: Record<string, InputDeclaration> } | { ok: false; message: string } {
  const inputs = isMap(dispatch) ? (dispatch.inputs ?? {}) : {}
  if (!isMap(inputs)) return { ok: false, message: '`on.workflow_dispatch.inputs` must be a mapping.' }
  const value: Record<string, InputDeclaration> = {}
  for (const [name, written] of Object.entries(inputs)) {
    const input = readInput(`on.workflow_dispatch.inputs.${name}`, written ?? {})
    if (!input.ok) return input
    value[name] = input.value
  }
  return { ok: true, value }
}

function readInput(
  place: string,
  written: unknown,
): { ok: true; value: InputDeclaration } | { ok: false; message: string } {
  if (!isMap(written)) return { ok: false, message: `\`${place}\` must be a mapping.` }
  const type = inputTypes.find((candidate) => candidate === (written.type ?? 'string'))
  if (type === undefined) return { ok: false, message: `\`${place}.type\` must be one of ${inputTypes.join(', ')}.` }
  const input: InputDeclaration = { required: written.required === true, type }
  const byDefault = scalarText(written.default)
  if (written.default !== undefined && byDefault !== undefined) input.default = byDefault
  if (Array.isArray(written.options)) input.options = written.options.map((option) => scalarText(option) ?? '')
  if (type === 'choice' && (input.options ?? []).length === 0) {
    return { ok: false, message: `\`${place}\` is a choice without options.` }
  }
  return { ok: true, value: input }
}

function repositoryDispatch(written: unknown): { types?: string[] } {
  const types = isMap(written) ? written.types : undefined
  if (typeof types === 'string') return { types: [types] }
  return Array.isArray(types) ? { types: types.filter((type) => typeof type === 'string') } : {}
}
