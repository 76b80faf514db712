import { readFields, readNumber, readText } from '../../config/fields.js'
import { Problems } from '../../config/yaml/problems.js'
import { readYaml, withoutByteOrderMark } from '../../config/yaml/read-yaml.js'
import { quote } from '../../config/yaml/value.js'
import type { Entry } from '../../config/yaml/value.js'
import type { Diagnostic } from '../../model/diagnostic.js'
import type { Flow } from '../../model/flow/flow.js'
import { readSteps } from './read-steps.js'
import { readTriggers } from './read-triggers.js'
import type { SchemaProblem } from './read-triggers.js'

const fileKeys = ['name', 'on', 'concurrency', 'steps'] as const

export type ParsedFlow =
  | { ok: true; flow: Flow; warnings: readonly Diagnostic[] }
  | { ok: false; diagnostics: readonly Diagnostic[] }

/** Reads the text of a `flow.yaml`. Reports all problems at once, in the order of the file. Never throws for any text. */
export function parseFlowFile(text: string, schemaProblem: SchemaProblem): ParsedFlow {
  const problems = new Problems()
  const content = withoutByteOrderMark(text)
  const flow = readFlow(content, schemaProblem, problems)
  const diagnostics = problems.toDiagnostics(content)
  if (problems.hasErrors) return { ok: false, diagnostics }
  if (!flow) throw new Error('a flow file without errors gave no flow')
  return { ok: true, flow, warnings: diagnostics }
}

function readFlow(text: string, schemaProblem: SchemaProblem, problems: Problems): Flow | undefined {
  const root = readYaml(text, problems)
  if (!root) return undefined
  const top = { start: 0, end: 1 }
  if (root.kind === 'null') {
    problems.error(top, 'the file is empty', 'it needs name, on and steps')
    return undefined
  }
  const fields = readFields(root, fileKeys, 'the file', problems)
  if (!fields) return undefined
  const place = root.kind === 'map' ? (root.entries[0]?.place ?? top) : top
  for (const key of ['name', 'on', 'steps'] as const)
    if (!fields.has(key)) problems.error(place, `the key ${quote(key)} is missing`, missingHints[key])
  return {
    name: readName(fields.get('name'), problems) ?? '',
    on: readTriggers(fields.get('on'), schemaProblem, problems),
    concurrency: readConcurrency(fields.get('concurrency'), problems),
    steps: readSteps(fields.get('steps'), problems),
  }
}

const missingHints = {
  name: 'write name: release',
  on: 'say what starts the flow, such as on: { event: { types: [upstream.release] } }',
  steps: 'write steps: with a line such as - exec: node build.js',
}

function readName(entry: Entry | undefined, problems: Problems): string | undefined {
  const name = readText(entry, problems)
  if (name === undefined || !entry) return undefined
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/u.test(name)) return name
  const hint = 'use letters, digits, dots, hyphens and underscores, at most 100, beginning with a letter or a digit'
  problems.error(entry.value, `${quote(name)} is not a valid name of a flow`, hint)
  return undefined
}

function readConcurrency(entry: Entry | undefined, problems: Problems): number {
  const count = readNumber(entry, problems)
  if (count === undefined || !entry) return 1
  if (Number.isSafeInteger(count) && count >= 1) return count
  problems.error(entry.value, '"concurrency" must be a whole number of at least 1', 'remove it to run one at a time')
  return 1
}
