import type { Experiment } from '../experiment.js'
import { exampleJobs } from '../graph.js'
import type { Jobs } from '../graph.js'
import { assertAnswered } from '../kinds.js'
import { measured, spreadOf } from '../measured.js'
import type { Run, World } from '../stub/world.js'
import { openVirtualStage } from '../virtual.js'

interface Span {
  /** Time from the first request to the end of the last build, as a ratio to the critical path. */
  makespan: number
  /** Time from the first request to the last `success`, as a ratio to the critical path. */
  unlocked: number
}

/** Returns the length of the critical path: queue and build time of each run on it, which no client can shorten. */
function criticalPath(jobs: Jobs, runs: readonly Run[]): number {
  const spans = new Map(runs.map(({ repository, createdAt, endsAt }) => [repository.name, endsAt - createdAt]))
  const ends = new Map<string, number>()
  const endOf = (job: string): number => {
    const known = ends.get(job)
    if (known !== undefined) return known
    const end = Math.max(0, ...(jobs[job] ?? []).map(endOf)) + (spans.get(job) ?? NaN)
    ends.set(job, end)
    return end
  }
  return Math.max(...Object.keys(jobs).map(endOf))
}

function spanOf({ runs, posted }: World, firstRequest: number): Span {
  const ofThis = runs.filter(({ createdAt }) => createdAt >= firstRequest)
  const path = criticalPath(exampleJobs, ofThis)
  const lastSuccess = posted.filter(({ state }) => state === 'success').at(-1)?.createdAt ?? NaN
  const lastEnd = Math.max(...ofThis.map(({ endsAt }) => endsAt))
  return { makespan: (lastEnd - firstRequest) / path, unlocked: (lastSuccess - firstRequest) / path }
}

/** Runs the example twice, with a push between. The second run knows the durations. */
async function runTwice(seed: number): Promise<[unknown: Span, known: Span]> {
  const buildMs = (nth: number): number => 19_500 + ((nth * 13 + seed * 7) % 11) * 100
  await using stage = await openVirtualStage({ jobs: exampleJobs, buildMs })
  const { stub } = stage
  const span = async (): Promise<Span> => {
    const before = stub.log.length
    await stage.orch('run DPTA-1', seed)
    return spanOf(stub.world, stub.log[before]?.at ?? NaN)
  }
  const unknown = await span()
  stub.world.push()
  const known = await span()
  assertAnswered(stub)
  return [unknown, known]
}

export const makespan: Experiment = {
  rows: ['makespan', 'makespan-known'],
  measure: async () => {
    const unknown: Span[] = []
    const known: Span[] = []
    for (let seed = 1; seed <= 10; seed += 1) {
      const [first, second] = await runTwice(seed)
      unknown.push(first)
      known.push(second)
    }
    const note = (spans: readonly Span[]): string[] => [
      `until the last pull request is unlocked ${spreadOf(spans.map(({ unlocked }) => unlocked)).median.toFixed(2)}`,
    ]
    return [
      measured(
        'makespan',
        unknown.map((span) => span.makespan),
        note(unknown),
      ),
      measured(
        'makespan-known',
        known.map((span) => span.makespan),
        note(known),
      ),
    ]
  },
}
