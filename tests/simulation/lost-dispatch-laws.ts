import type { Event } from '../../src/model/build/events.js'
import type { Graph } from '../../src/model/graph.js'
import type { History } from './history.js'
import type { Replay } from './replay.js'

const minute = 60_000

/**
 * The laws about a dispatch that left no run. A job is dispatched at most twice, the second time only after two minutes of listings without
 * a run, and only if the graph file asks for it. The run of the lost dispatch never counts, and is cancelled when it turns up.
 */
export function lostDispatchBroken(
  history: History,
  { orchestration, world, graph, events }: Pick<Replay, 'orchestration' | 'world' | 'graph' | 'events'>,
): string[] {
  const broken = [...attemptsBroken(events, graph), ...cancelsOfLostBroken(events)]
  for (const event of events) {
    if (event.type !== 'lost-runs-listed' || event.failure !== null || history.crashes > 0) continue
    const { repo } = graph.jobs.find(({ id }) => id === event.job) ?? { repo: '' }
    const [older, newer] = world.runs.filter((run) => run.repo === repo)
    const listedFrom = older && (older.listedFrom ?? older.createdAt + 10_000)
    // Without a marker only a run of the planned head can be recognized.
    const planned = orchestration.plan.jobs.find(({ job }) => job === event.job)?.headSha
    const isListed = newer && older?.headSha === planned && (listedFrom ?? Infinity) < event.at - minute
    if (isListed && event.found.length === 0) broken.push(`the lost run of ${event.job} was listed but not found`)
  }
  for (const [id, job] of orchestration.jobs) {
    if (job.phase !== 'settled' || !job.lost?.runId) continue
    if (job.runId === job.lost.runId) broken.push(`${id} counts the run of its lost dispatch`)
  }
  return broken
}

function attemptsBroken(events: readonly Event[], graph: Graph): string[] {
  const broken: string[] = []
  for (const { id, onLostDispatch } of graph.jobs) {
    const own = events.filter((event) => 'job' in event && event.job === id)
    const attempts = new Set(own.flatMap((event) => (event.type === 'dispatch-requested' ? [event.attempt] : [])))
    if (attempts.size > (onLostDispatch === 'dispatch-again' ? 2 : 1))
      broken.push(`${id} was dispatched in ${attempts.size} attempts`)
    const second = own.findIndex((event) => event.type === 'dispatch-requested' && event.attempt === 2)
    if (second < 0) continue
    const before = own.slice(0, second)
    const listed = before.findLast((event) => event.type === 'runs-listed')
    const isEmpty = listed?.type === 'runs-listed' && listed.found.length === 0
    const since = before.find(({ type }) => type === 'dispatch-ambiguous')?.at ?? before[0]?.at ?? Infinity
    if (!isEmpty) broken.push(`${id} was dispatched again although its run was not looked for, or found`)
    else if (!events.some(({ type }) => type === 'resumed') && listed.at < since + 2 * minute)
      broken.push(`${id} was dispatched again after ${listed.at - since} ms`)
  }
  return broken
}

/** A lost run that turned up is cancelled within a minute, unless the builds or the process end before. */
function cancelsOfLostBroken(events: readonly Event[]): string[] {
  const broken: string[] = []
  events.forEach((event, index) => {
    if (event.type !== 'lost-runs-listed' || event.found.length !== 1) return
    const later = events.slice(index + 1)
    const isAnswered = later.some((other) => other.type === 'lost-run-cancelled' && other.job === event.job)
    const isEnded = later.some(({ type }) => ['interrupted', 'resumed', 'suspended'].includes(type))
    const lastBuild = events.findLast(({ type }) => type === 'job-settled')?.at ?? -Infinity
    if (!isAnswered && !isEnded && lastBuild > event.at + minute)
      broken.push(`the lost run of ${event.job} turned up and was not cancelled`)
  })
  return broken
}
