import type {
  DeclaredInput,
  ReadEventTrigger,
  ReadWorkflowTriggers,
  WorkflowTriggers,
} from '../model/workflow-triggers.js'
import { Problems } from './yaml/problems.js'
import { readYaml, withoutByteOrderMark } from './yaml/read-yaml.js'
import type { Entry, Value } from './yaml/value.js'

/**
 * Reads `on.workflow_dispatch` and `run-name` of a workflow file. `invalid`: GitHub could not read it either, because the text is not
 * YAML, not a map, or a map without `on`. Keys are compared with case, as GitHub does.
 */
export const readWorkflowTriggers: ReadWorkflowTriggers = (text) => {
  const file = readFile(text)
  if (file.kind === 'invalid') return file
  const { on, runName } = file
  const triggers = readOn(on)
  return triggers.kind === 'dispatchable' && runName !== undefined ? { ...triggers, runName } : triggers
}

/** Reads `on.repository_dispatch` and `run-name` of a workflow file. */
export const readEventTrigger: ReadEventTrigger = (text) => {
  const file = readFile(text)
  if (file.kind === 'invalid') return null
  const types = readEventTypes(file.on)
  if (types === undefined) return null
  return file.runName === undefined ? { types } : { types, runName: file.runName }
}

/** Undefined: `repository_dispatch` does not start it; null: every type does. */
function readEventTypes(on: Value): string[] | null | undefined {
  const event = 'repository_dispatch'
  const isNamed = (value: Value): boolean => value.kind === 'text' && value.text === event
  if (isNamed(on) || (on.kind === 'list' && on.items.some(isNamed))) return null
  const trigger = find(on, event)
  if (!trigger) return undefined
  const types = find(trigger.value, 'types')?.value
  if (types === undefined || types.kind === 'null') return null
  return (types.kind === 'list' ? types.items : [types]).flatMap((type) => scalarText(type) ?? [])
}

type WorkflowFile = { kind: 'read'; on: Value; runName: string | undefined } | { kind: 'invalid'; problem: string }

function readFile(text: string): WorkflowFile {
  const problems = new Problems()
  const content = withoutByteOrderMark(text)
  const root = readYaml(content, problems)
  const [first] = problems.toDiagnostics(content)
  if (first) return { kind: 'invalid', problem: `line ${first.line}: ${first.message}` }
  if (root?.kind !== 'map') return { kind: 'invalid', problem: 'it is not a map' }
  // A tool that writes YAML 1.1 turns the key `on` into the boolean true.
  const on = find(root, 'on') ?? find(root, 'true')
  if (!on) return { kind: 'invalid', problem: 'it has no key "on"' }
  const runName = find(root, 'run-name')?.value
  return { kind: 'read', on: on.value, runName: runName?.kind === 'text' ? runName.text : undefined }
}

function readOn(on: Value): WorkflowTriggers {
  const event = 'workflow_dispatch'
  const dispatchable: WorkflowTriggers = { kind: 'dispatchable', inputs: new Map() }
  switch (on.kind) {
    case 'text':
      return on.text === event ? dispatchable : { kind: 'not-dispatchable' }
    case 'list':
      return on.items.some((item) => item.kind === 'text' && item.text === event)
        ? dispatchable
        : { kind: 'not-dispatchable' }
    case 'map': {
      const trigger = find(on, event)
      return trigger ? readInputs(find(trigger.value, 'inputs')?.value) : { kind: 'not-dispatchable' }
    }
    default:
      return { kind: 'invalid', problem: 'its key "on" does not name an event' }
  }
}

function readInputs(inputs: Value | undefined): WorkflowTriggers {
  if (inputs === undefined || inputs.kind === 'null') return { kind: 'dispatchable', inputs: new Map() }
  if (inputs.kind !== 'map') return { kind: 'invalid', problem: 'its workflow_dispatch inputs are not a map' }
  const declared = inputs.entries.map(({ key, value }) => [key, readInput(value)] as const)
  return { kind: 'dispatchable', inputs: new Map(declared) }
}

function readInput(input: Value): DeclaredInput {
  const value = find(input, 'default')?.value
  const type = readType(find(input, 'type')?.value)
  return {
    type,
    required: isTrue(find(input, 'required')?.value),
    hasDefault: value !== undefined && value.kind !== 'null',
    options: type === 'choice' ? readOptions(input) : null,
  }
}

function isTrue(value: Value | undefined): boolean {
  return value?.kind === 'boolean' ? value.boolean : value?.kind === 'text' && value.text === 'true'
}

/** GitHub refuses a file with another type, when it is dispatched. */
function readType(value: Value | undefined): DeclaredInput['type'] {
  const type = value?.kind === 'text' ? value.text : null
  return type === 'boolean' || type === 'number' || type === 'choice' ? type : 'text'
}

function readOptions(input: Value): string[] | null {
  const options = find(input, 'options')?.value
  return options?.kind === 'list' ? options.items.flatMap((option) => scalarText(option) ?? []) : null
}

function scalarText(value: Value): string | undefined {
  if (value.kind === 'text') return value.text
  if (value.kind === 'number') return value.raw
  return value.kind === 'boolean' ? String(value.boolean) : undefined
}

function find(value: Value, key: string): Entry | undefined {
  return value.kind === 'map' ? value.entries.find((entry) => entry.key === key) : undefined
}
