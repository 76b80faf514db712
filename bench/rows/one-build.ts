import type { Experiment } from '../experiment.js'
import { wideJobs } from '../graph.js'
import { assertAnswered, tally, thatCount } from '../kinds.js'
import { lateness } from '../lateness.js'
import { measured } from '../measured.js'
import type { Logged } from '../stub/stub.js'
import type { RowId } from '../table.js'
import { openVirtualStage } from '../virtual.js'

interface Build {
  counting: Logged[]
  all: number
  /** Null if the build posts no status. */
  lateness: number | null
}

/** Runs one build of unknown duration in a new world. */
async function buildOnce(seconds: number, flags: string, seed: number): Promise<Build> {
  // Spread over two seconds around the length, so that the builds end at different times between two polls.
  const length = seconds * 1000 + ((seed * 7) % 20) * 100 - 1_000
  const queue = 1_000 + ((seed * 11) % 20) * 100
  const world = { jobs: wideJobs(1), queueMs: () => queue, buildMs: () => length }
  await using stage = await openVirtualStage({ ...world, timeoutMinutes: 120 })
  await stage.orch(`run DPTA-1 ${flags}`, seed)
  assertAnswered(stage.stub)
  const { log } = stage.stub
  const late = flags.includes('--no-status') ? null : lateness(stage.stub.world)
  return { counting: thatCount(log), all: log.length, lateness: late }
}

async function buildOften(seconds: number, flags: string, runs: number): Promise<Build[]> {
  const builds: Build[] = []
  for (let seed = 1; seed <= runs; seed += 1) builds.push(await buildOnce(seconds, flags, seed))
  return builds
}

/** Lists the kinds of requests of the run that sent the most. */
function notes(builds: readonly Build[]): string[] {
  const worst = [...builds].sort((a, b) => b.counting.length - a.counting.length)[0]
  return worst ? [tally(worst.counting), `with the free ones ${worst.all}`] : []
}

function requestsOf(id: RowId, seconds: number, flags: string, runs: number): Experiment {
  return {
    rows: [id],
    measure: async () => {
      const builds = await buildOften(seconds, flags, runs)
      return [
        measured(
          id,
          builds.map(({ counting }) => counting.length),
          notes(builds),
        ),
      ]
    },
  }
}

export const shortBuildWithoutStatus = requestsOf('build-20s-no-status-requests', 20, '--no-status', 20)
export const shortBuildRequests = requestsOf('build-20s-requests', 20, '', 20)
export const longBuildRequests = requestsOf('build-1h-requests', 3_600, '', 3)

export const fiveMinutes: Experiment = {
  rows: ['build-5min-requests', 'build-5min-lateness'],
  measure: async () => {
    const builds = await buildOften(300, '', 20)
    return [
      measured(
        'build-5min-requests',
        builds.map(({ counting }) => counting.length),
        notes(builds),
      ),
      measured(
        'build-5min-lateness',
        builds.flatMap((build) => (build.lateness === null ? [] : [build.lateness])),
      ),
    ]
  },
}
