import type { Json } from '../flow/flow-event.js'
import type { EventPayload } from '../repository-event.js'
import type { RepoName } from '../repo-name.js'

/** A workflow input in the graph file: literal text and `${{ }}` expressions, parsed once by `src/config`. */
export interface Template {
  /** The text as written. The fingerprint contains it, not its value. */
  source: string
  parts: readonly TemplatePart[]
}

export type TemplatePart = { kind: 'text'; text: string } | { kind: 'expression'; expression: Expression }

/** A parsed expression. */
export type Expression =
  | { name: 'branch' }
  | { name: 'orchestration.id' }
  | { name: 'job.attempt' }
  | { name: 'needs'; job: string; field: NeedsField }
  /** The runs whose artifact the dependents of jobs with `handoff: true` read, as JSON. The graph file cannot name it. */
  | { name: 'handoff'; from: readonly HandingJob[] }

/** A job that hands files on to its dependents. */
export interface HandingJob {
  job: string
  repository: RepoName
}

/** The artifact with what a run hands on. */
export const handoffArtifact = 'trigger-context'

export const needsFields = ['head-sha', 'run-id', 'run-url', 'result'] as const
export type NeedsField = (typeof needsFields)[number]

/** A JSON value of the graph file, in whose texts expressions occur. */
export type TemplateJson =
  | { kind: 'value'; value: null | boolean | number }
  | { kind: 'template'; template: Template }
  | { kind: 'list'; items: readonly TemplateJson[] }
  | { kind: 'map'; entries: TemplateEntries }

export type TemplateEntries = readonly (readonly [key: string, value: TemplateJson])[]

/** The values of expressions at a dispatch. */
export interface TemplateContext {
  branch: string
  orchestrationId: string
  attempt: number
  /** The fields of each job that this one needs, directly or through others; a field without a value is empty (a skipped job has no run). */
  needs: Pick<ReadonlyMap<string, Readonly<Record<NeedsField, string>>>, 'get'>
}

/** The text of an input at a dispatch. A need that is not in the context resolves to the empty string. */
export function resolveTemplate(template: Template, context: TemplateContext): string {
  return template.parts
    .map((part) => (part.kind === 'text' ? part.text : resolveExpression(part.expression, context)))
    .join('')
}

/** The payload of an event at a dispatch. */
export function resolvePayload(entries: TemplateEntries, context: TemplateContext): EventPayload {
  // A null prototype keeps a key `__proto__` an ordinary one.
  const payload = Object.create(null) as Record<string, Json>
  for (const [key, value] of entries) payload[key] = resolveJson(value, context)
  return payload
}

function resolveJson(json: TemplateJson, context: TemplateContext): Json {
  switch (json.kind) {
    case 'value':
      return json.value
    case 'template':
      return resolveTemplate(json.template, context)
    case 'list':
      return json.items.map((item) => resolveJson(item, context))
    case 'map':
      return resolvePayload(json.entries, context)
  }
}

/** The templates in the texts of a payload. */
export function templatesIn(entries: TemplateEntries): Template[] {
  return entries.flatMap(([, value]) => templatesInValue(value))
}

function templatesInValue(json: TemplateJson): Template[] {
  if (json.kind === 'template') return [json.template]
  if (json.kind === 'list') return json.items.flatMap(templatesInValue)
  return json.kind === 'map' ? templatesIn(json.entries) : []
}

function resolveExpression(expression: Expression, context: TemplateContext): string {
  switch (expression.name) {
    case 'branch':
      return context.branch
    case 'orchestration.id':
      return context.orchestrationId
    case 'job.attempt':
      return String(context.attempt)
    case 'needs':
      return context.needs.get(expression.job)?.[expression.field] ?? ''
    case 'handoff':
      return resolveHandoff(expression.from, context)
  }
}

/** The runs that exist: a skipped job hands nothing on. */
function resolveHandoff(from: readonly HandingJob[], { needs }: TemplateContext): string {
  const runs = from.flatMap(({ job, repository }) => {
    const runId = needs.get(job)?.['run-id'] ?? ''
    return runId === '' ? [] : [{ job, repository, run_id: Number(runId), artifact: handoffArtifact }]
  })
  return JSON.stringify(runs)
}
