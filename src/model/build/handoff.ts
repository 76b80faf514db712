import { resolveTemplate } from './template.js'
import type { HandingJob, Template } from './template.js'

/** The input by which a workflow gets what the needs of its job hand on. */
export const handoffInput = 'handoff'

/** The input of a job whose needs hand on. The fingerprint contains the names of the needs. */
export function handoffTemplate(from: readonly HandingJob[]): Template {
  const source = `what ${from.map(({ job }) => job).join(', ')} hand on`
  return { source, parts: [{ kind: 'expression', expression: { name: 'handoff', from } }] }
}

/** Whether a template is one of `handoffTemplate`. */
export function isHandoff({ parts: [only] }: Template): boolean {
  return only?.kind === 'expression' && only.expression.name === 'handoff'
}

/** The greatest number of characters that the input can have at a dispatch. */
export function handoffLength(template: Template): number {
  const fields = { 'head-sha': '', 'run-id': String(Number.MAX_SAFE_INTEGER), 'run-url': '', result: 'success' }
  const context = { branch: '', orchestrationId: '', attempt: 1, needs: { get: () => fields } }
  return resolveTemplate(template, context).length
}
