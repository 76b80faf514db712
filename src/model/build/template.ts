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
