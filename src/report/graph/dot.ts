import type { GraphJob } from '../views/graph-view.js'
import { jobTones } from './tone.js'
import type { Tone } from './tone.js'

const colors: Record<Tone, string> = {
  good: 'color="#1a7f37", fillcolor="#dcf5e3"',
  bad: 'color="#cf222e", fillcolor="#fde8ea"',
  wait: 'color="#9a6700", fillcolor="#fdf0cc"',
  run: 'color="#0969da", fillcolor="#deefff"',
  idle: 'color="#6e7781", fillcolor="#ffffff"',
}

/** The graph in the language of Graphviz (https://graphviz.org/doc/info/lang.html), coloured by state where jobs have one. */
export function drawDot(jobs: readonly GraphJob[]): string {
  const nodes = jobs.map((job) => `  ${quoted(job.id)} [${attributes(job)}]`)
  const edges = jobs.flatMap(({ id, needs }) => needs.map((need) => `  ${quoted(need)} -> ${quoted(id)}`))
  return [
    'digraph orch {',
    '  rankdir=LR',
    '  node [shape=box, style="rounded,filled", fillcolor="#ffffff", fontname="sans-serif"]',
    ...nodes,
    ...edges,
    '}',
  ].join('\n')
}

function attributes({ id, state, displayState, isPart }: GraphJob): string {
  if (state === '') return `label=${quoted(id)}`
  const style = isPart ? '' : ', style="rounded,dashed"'
  return `label=${quoted(`${id}\n${state}`)}, ${colors[jobTones[displayState]]}${style}`
}

/** Inside quotes only the quote itself and the backslash, which begins an escape in a label, have a meaning. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/gu, '\\$&').replaceAll('\n', '\\n')}"`
}
