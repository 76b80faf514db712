import { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer'
import { parseWorkflow } from '@actions/workflow-parser/workflows/workflow-parser'
import { readWorkflowTriggers } from './workflow-file.js'

/**
 * The mistakes that GitHub's own parser finds in a workflow file, each with its place; empty: GitHub runs it. A text that our own reader
 * refuses is not parsed, because the reader limits what a hostile text can cost. Import this module late: the parser is large.
 */
export function checkWorkflow(workflow: string, text: string): string[] {
  const triggers = readWorkflowTriggers(text)
  if (triggers.kind === 'invalid') return [`${workflow}: ${triggers.problem}`]
  const { context } = parseWorkflow({ name: workflow, content: text }, new NoOperationTraceWriter())
  return context.errors.getErrors().map(({ message }) => firstLine(message))
}

/** An error of YAML also shows the lines around it. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/u, '')
}
