import { counted } from '../../lib/counted.js'
import { sanitize } from '../../lib/sanitize.js'
import type { FlowDetailJson, FlowJson } from '../../model/wire/flows.js'
import { composeLine } from '../style.js'
import type { ViewOptions } from '../style.js'
import { runLine } from './flow-run-view.js'
import { renderTable } from './table.js'

/** `orch flows list`: a table with a line for each flow file that was found. Ends with a newline. */
export function renderFlows(flows: readonly FlowJson[], options: ViewOptions): string {
  if (flows.length === 0) return 'There are no flows. Write one in .orch/flows/<name>/flow.yaml.\n'
  const rows = flows.map(({ name, state, triggers, steps, file, shadowedBy, problems }) => [
    sanitize(name),
    problems.length > 0 && state !== 'invalid' ? `${state}, changed` : state,
    triggers.join(', '),
    counted(steps.length, 'step'),
    shadowedBy === null ? sanitize(file) : `${sanitize(file)} (${sanitize(shadowedBy)} is used)`,
  ])
  return renderTable(['flow', 'state', 'started by', '', 'file'], rows, options)
}

/** `orch flows show`: a flow and its last runs. Ends with a newline. */
export function renderFlow({ flow, runs }: FlowDetailJson, options: ViewOptions): string {
  const { name, state, file, triggers, steps, concurrency, problems } = flow
  const lines = [
    `${sanitize(name)}  ${state}`,
    `  file ${sanitize(file)}`,
    `  started by ${triggers.join(', ') || 'nothing'}`,
    `  steps: ${steps.join(', ')}`,
    `  ${counted(concurrency, 'run')} at a time`,
    ...problems.map((problem) => `  ! ${sanitize(problem)}`),
  ]
  return `${[...lines.map((line) => composeLine([line], options)), ...runs.map((run) => runLine(run, options))].join('\n')}\n`
}

/** `orch flows check`: every mistake of every flow file. Ends with a newline. */
export function renderFlowProblems(flows: readonly FlowJson[]): string {
  const lines = flows.flatMap(({ file, problems }) =>
    problems.map((problem) => `${sanitize(file)}: ${sanitize(problem)}`),
  )
  if (lines.length > 0) return `${lines.join('\n')}\n`
  return `${counted(flows.length, 'flow')}, no mistakes\n`
}
