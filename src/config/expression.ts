import { needsFields } from '../model/build/template.js'
import type { Expression, Template, TemplatePart } from '../model/build/template.js'
import { didYouMean } from '../lib/did-you-mean.js'
import { splitSource } from './source-parts.js'
import { quote } from './yaml/value.js'

/** A mistake in a template: offsets in its source, the end exclusive. */
export interface TemplateProblem {
  start: number
  end: number
  message: string
  hint?: string
}

/** An expression `needs.<job>.<field>` in a template, to be checked against the graph. */
export interface NeedsReference {
  job: string
  start: number
  end: number
}

/** The valid parts of a template, and its problems. */
export interface ParsedTemplate {
  template: Template
  references: readonly NeedsReference[]
  problems: readonly TemplateProblem[]
}

const simpleNames = ['branch', 'orchestration.id', 'job.attempt'] as const

/** Splits an input into text and `${{ }}` expressions. Does not check whether the jobs exist: graph-rules.ts does. */
export function parseTemplate(source: string): ParsedTemplate {
  const parts: TemplatePart[] = []
  const references: NeedsReference[] = []
  const problems: TemplateProblem[] = []
  for (const part of splitSource(source)) {
    if (part.kind === 'text') parts.push(part)
    else if (part.kind === 'not-closed') problems.push(notClosed(part))
    else {
      const { start, end } = part
      const expression = parseExpression(part.text)
      if ('message' in expression) problems.push({ start, end, ...expression })
      else {
        parts.push({ kind: 'expression', expression })
        if (expression.name === 'needs') references.push({ job: expression.job, start, end })
      }
    }
  }
  return { template: { source, parts }, references, problems }
}

/** The problem of an expression without an end. */
export function notClosed({ start, end }: { start: number; end: number }): TemplateProblem {
  return { start, end, message: 'this expression is not closed', hint: 'end it with }}' }
}

function parseExpression(text: string): Expression | Pick<TemplateProblem, 'message' | 'hint'> {
  if (text === '') return { message: 'this expression is empty', hint: `use ${known}` }
  const simple = simpleNames.find((name) => name === text)
  if (simple) return { name: simple }
  const [context, job, field, ...rest] = text.split('.')
  if (context !== 'needs' || !job || field === undefined || rest.length > 0) return unknownExpression(text)
  const needsField = needsFields.find((name) => name === field)
  if (needsField) return { name: 'needs', job, field: needsField }
  const fields = `a job has ${needsFields.join(', ')}`
  return { message: `${quote(text)} does not name a field of a job`, hint: didYouMean(field, needsFields) ?? fields }
}

const known = `one of ${simpleNames.join(', ')}, needs.<job>.<${needsFields.join(' or ')}>`

function unknownExpression(text: string): Pick<TemplateProblem, 'message' | 'hint'> {
  return {
    message: `unknown expression ${quote(text)}`,
    hint: didYouMean(text, simpleNames) ?? `use ${known}`,
  }
}
