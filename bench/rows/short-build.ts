import type { Experiment } from '../experiment.js'
import { wideJobs } from '../graph.js'
import { assertAnswered, thatCount } from '../kinds.js'
import { lateness } from '../lateness.js'
import { measured, spreadOf } from '../measured.js'
import { openRealStage } from '../real.js'
import { openVirtualStage } from '../virtual.js'

/** Time between the starts of parallel builds, ms, so that their starts do not compete for the processors. */
const stagger = 700
/** Lengths of the builds. They differ so that the builds end at different times between two polls. */
const lengths = [19_600, 19_950, 20_300, 20_650, 21_000, 21_350].map((ms) => ms - 450)

interface ShortBuild {
  unknown: number
  known: number
  requests: number
}

/** Runs the same build twice, with a push between. The second run knows the usual duration. */
async function buildTwice(index: number): Promise<ShortBuild> {
  const buildMs = (nth: number): number => lengths[(index + 3 * nth) % lengths.length] ?? NaN
  await using stage = await openRealStage({ jobs: wideJobs(1), buildMs, keepsLimits: true })
  const { world, log } = stage.stub
  await new Promise((resolve) => setTimeout(resolve, index * stagger))
  await stage.orch('run', 'DPTA-1')
  const unknown = lateness(world)
  const requests = thatCount(log).length
  world.push()
  await stage.orch('run', 'DPTA-1')
  assertAnswered(stage.stub)
  return { unknown, known: lateness(world), requests }
}

/** Runs many builds in virtual time, one after the other. It measures the delay of the polls alone, without CPU time. */
async function latenessInVirtualTime(): Promise<{ unknown: number; known: number }> {
  const unknown: number[] = []
  const known: number[] = []
  for (let seed = 1; seed <= 20; seed += 1) {
    const buildMs = (nth: number): number => 19_000 + ((seed * 7 + nth * 3) % 20) * 100
    await using stage = await openVirtualStage({ jobs: wideJobs(1), buildMs })
    await stage.orch('run DPTA-1', seed)
    unknown.push(lateness(stage.stub.world))
    stage.stub.world.push()
    await stage.orch('run DPTA-1', seed)
    known.push(lateness(stage.stub.world))
  }
  return { unknown: spreadOf(unknown).mean, known: spreadOf(known).median }
}

export const shortBuild: Experiment = {
  rows: ['build-20s-lateness', 'build-20s-known-lateness'],
  measure: async () => {
    const builds = await Promise.all(lengths.map((_, index) => buildTwice(index)))
    const virtual = await latenessInVirtualTime()
    const requests = spreadOf(builds.map((build) => build.requests)).max
    return [
      measured(
        'build-20s-lateness',
        builds.map(({ unknown }) => unknown),
        [
          `20 builds in virtual time: mean ${virtual.unknown.toFixed(2)} s`,
          `at most ${requests} requests that count in real time`,
        ],
      ),
      measured(
        'build-20s-known-lateness',
        builds.map(({ known }) => known),
        [`20 builds in virtual time: median ${virtual.known.toFixed(2)} s`],
      ),
    ]
  },
}
