import { readBoolean, readFields, readText, readTexts } from '../../config/fields.js'
import { readMinutes } from '../../config/job-settings.js'
import type { Problems } from '../../config/yaml/problems.js'
import { describe, quote } from '../../config/yaml/value.js'
import type { Entry, Value } from '../../config/yaml/value.js'
import { branchNameProblem } from '../../model/branch-name.js'
import { compilePattern } from '../../model/branch-pattern.js'
import type { FlowTemplate } from '../../model/flow/flow-template.js'
import type { FlowStep } from '../../model/flow/flow.js'
import { eventLimits, eventTypeProblem, repositoryNameProblem } from '../../model/repository-event.js'
import { readTemplateEntries, readTemplateText } from './read-template.js'
import { readArgv } from './read-triggers.js'

const actionKeys = ['exec', 'dispatch', 'run', 'invalidate', 'handoff', 'merge'] as const
const execKeys = ['timeout-minutes', 'env', 'working-directory'] as const
type StepKey = (typeof actionKeys)[number] | (typeof execKeys)[number]
interface StepFields {
  get(key: StepKey): Entry | undefined
  has(key: StepKey): boolean
}

const maxSteps = 100
const defaultTimeoutMs = 30 * 60_000

/** The steps without those that are wrong and reported. */
export function readSteps(entry: Entry | undefined, problems: Problems): readonly FlowStep[] {
  if (!entry) return []
  const { value } = entry
  if (value.kind !== 'list' || value.items.length === 0) {
    const found = value.kind === 'list' ? 'an empty list' : describe(value)
    problems.error(value, `"steps" must be a list with at least one step, not ${found}`, 'write - exec: node build.js')
    return []
  }
  if (value.items.length > maxSteps) problems.error(entry.place, `a flow has at most ${maxSteps} steps`)
  return value.items.flatMap((item) => readStep(item, problems) ?? [])
}

function readStep(item: Value, problems: Problems): FlowStep | undefined {
  const fields = readFields(item, [...actionKeys, ...execKeys], 'a step', problems)
  if (!fields) return undefined
  const [action, second] = actionKeys.flatMap((key) => fields.get(key) ?? [])
  if (!action) {
    problems.error(item, 'this step does nothing', `write one of ${actionKeys.join(', ')}`)
    return undefined
  }
  if (second) {
    problems.error(second.place, `${quote(action.key)} and ${quote(second.key)} in one step`, 'write a step for each')
    return undefined
  }
  if (action.key === 'exec') return readExec(action, fields, problems)
  for (const key of execKeys) {
    const misplaced = fields.get(key)
    if (misplaced) problems.error(misplaced.place, `${quote(key)} belongs to a step with "exec"`)
  }
  return readAction(action, problems)
}

function readAction(action: Entry, problems: Problems): FlowStep | undefined {
  switch (action.key) {
    case 'dispatch':
      return readDispatch(action, problems)
    case 'run': {
      const branch = readTemplateText(action, problems)
      checkLiteral(branch, action, { what: 'branch name', problems, problemOf: branchNameProblem })
      return branch && { kind: 'run', branch }
    }
    case 'invalidate': {
      const pattern = readTemplateText(action, problems)
      checkLiteral(pattern, action, { what: 'branch pattern', problems, problemOf: patternProblem })
      return pattern && { kind: 'invalidate', pattern }
    }
    case 'handoff': {
      const flow = readText(action, problems)
      return flow === undefined ? undefined : { kind: 'handoff', flow }
    }
    default:
      problems.error(action.place, 'this version of orch cannot merge', 'use run, and merge the pull requests yourself')
      return undefined
  }
}

function readExec(action: Entry, fields: StepFields, problems: Problems): FlowStep | undefined {
  const timeoutMs = readMinutes(fields.get('timeout-minutes'), problems) ?? defaultTimeoutMs
  const env = readTexts(fields.get('env'), problems) ?? []
  for (const name of env) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name.text))
      problems.error(
        name,
        `${quote(name.text)} is not a valid name of an environment variable`,
        'list names, not values',
      )
  }
  const workingDirectory = readText(fields.get('working-directory'), problems) ?? '.'
  const step = { kind: 'exec', timeoutMs, env: env.map(({ text }) => text), workingDirectory } as const
  const { value } = action
  if (value.kind === 'text' && value.text.includes('${{')) {
    // A payload is not to be trusted: as a part of a script it could be a command.
    const hint = 'read the event from the standard input, which has it as JSON'
    problems.error(value, 'expressions are not replaced in a command', hint)
    return undefined
  }
  if (value.kind === 'text' && value.text.trim() !== '')
    return { ...step, command: { kind: 'shell', script: value.text } }
  if (value.kind !== 'list') {
    problems.error(
      value,
      `"exec" must be a text for a shell or a list, not ${describe(value)}`,
      'write exec: node build.js',
    )
    return undefined
  }
  const argv = readArgv(value, '"exec"', problems)
  return argv && { ...step, command: { kind: 'argv', argv } }
}

function readDispatch(action: Entry, problems: Problems): FlowStep | undefined {
  const fields = readFields(action.value, ['repository', 'event-type', 'payload', 'wait'], '"dispatch"', problems)
  if (!fields) return undefined
  for (const key of ['repository', 'event-type'] as const)
    if (!fields.has(key)) problems.error(action.place, `"dispatch" has no ${quote(key)}`)
  const repository = readTemplateText(fields.get('repository'), problems)
  const eventType = readTemplateText(fields.get('event-type'), problems)
  const placed = { what: 'repository', problems, problemOf: repositoryNameProblem }
  checkLiteral(repository, fields.get('repository'), placed)
  checkLiteral(eventType, fields.get('event-type'), { what: 'event type', problems, problemOf: eventTypeProblem })
  const payload = fields.get('payload')
  if (payload && payload.value.kind !== 'map') {
    problems.error(payload.value, `"payload" must be a map, not ${describe(payload.value)}`)
    return undefined
  }
  const entries = payload?.value.kind === 'map' ? payload.value.entries : []
  const { payloadKeys } = eventLimits
  if (entries.length > payloadKeys)
    problems.error(payload?.place ?? action.place, `GitHub allows at most ${payloadKeys} top-level keys in "payload"`)
  const wait = readBoolean(fields.get('wait'), problems) ?? false
  if (!repository || !eventType) return undefined
  return { kind: 'dispatch', repository, eventType, payload: readTemplateEntries(entries, problems), wait }
}

/** Checks a text that has no expressions, whose value is known already. */
function checkLiteral(
  template: FlowTemplate | undefined,
  entry: Entry | undefined,
  check: { what: string; problems: Problems; problemOf: (text: string) => string | undefined },
): void {
  // A wrong expression is reported already, and is not among the parts.
  if (!template || !entry || template.source.includes('${{')) return
  const problem = check.problemOf(template.source)
  if (problem !== undefined)
    check.problems.error(entry.value, `${quote(template.source)} is not a valid ${check.what}: ${problem}`)
}

function patternProblem(pattern: string): string | undefined {
  if (pattern.startsWith('!')) return 'it matches no branch'
  const compiled = compilePattern(pattern)
  return compiled.ok ? undefined : compiled.problem
}
