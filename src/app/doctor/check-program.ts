import type { Check } from '../../model/check.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import { counted } from '../../lib/counted.js'
import type { Problem } from '../problem.js'
import { found, ok } from './findings.js'

/** The oldest version of Node that orch runs on (`engines` in package.json). */
const oldestNode = 20

/** @param version such as `20.19.0` */
export function checkNode(version: string): Check {
  const major = Number(version.split('.')[0])
  if (major >= oldestNode) return ok('node', `Node ${version}`)
  const message = `Node ${version} is older than ${oldestNode}, which orch needs`
  return found('node', { status: 'failed', message, fix: `Install Node ${oldestNode} or newer.` })
}

/** @param warnings of the graph file, formatted; empty: none */
export function checkGraph(graph: Graph, warnings: string): Check {
  if (warnings !== '')
    return found('graph-file', { status: 'warning', message: placesOf(warnings), fix: 'Correct them.' })
  const jobs = counted(graph.jobs.length, 'job')
  return ok('graph-file', `${jobs} in ${counted(repositoriesOf(graph).length, 'repository')}`)
}

/** The first lines of formatted diagnostics, which name the place and the mistake: `orchestrator.yaml:3:5: …`. */
function placesOf(text: string): string {
  const places = text
    .trim()
    .split('\n\n')
    .flatMap((block) => block.split('\n')[0] ?? [])
  const more = places.length > mostPlaces ? ` and ${places.length - mostPlaces} more` : ''
  return `${places.slice(0, mostPlaces).join('; ')}${more}`
}

/** More places would fill the table. */
const mostPlaces = 3

/** A graph file that cannot be used. */
export function graphFileFailed({ message, why, remedy, text }: Problem): Check {
  const details = text === undefined ? `${message}: ${why}` : placesOf(text)
  return found('graph-file', { status: 'failed', message: details, fix: remedy })
}

/** Why no connection was made: no token, a host that is not valid, or no way to it. */
export function connectionFailed({ kind, message, remedy }: Problem): Check {
  return found(kind === 'auth' ? 'token' : 'server', { status: 'failed', message, fix: remedy })
}
