import { setTimeout } from 'node:timers/promises'
import type { Experiment } from '../experiment.js'
import { wideJobs } from '../graph.js'
import { assertAnswered } from '../kinds.js'
import { measured } from '../measured.js'
import type { Used } from '../process.js'
import { openRealStage } from '../real.js'

const processes = 3

/** Runs 100 builds of 20 s with their statuses in parallel, as against an own server without limits. */
async function buildHundred(index: number): Promise<Used> {
  await using stage = await openRealStage({ jobs: wideJobs(100), buildMs: () => 20_000, keepsLimits: false })
  await setTimeout(index * 4_000)
  const used = await stage.orch('run', 'DPTA-1')
  assertAnswered(stage.stub)
  if (stage.stub.world.runs.length !== 100) throw new Error(`${stage.stub.world.runs.length} runs instead of 100`)
  return used
}

export const hundredProcess: Experiment = {
  rows: ['hundred-memory', 'hundred-cpu'],
  measure: async () => {
    const all = await Promise.all(Array.from({ length: processes }, (_, index) => buildHundred(index)))
    return [
      measured(
        'hundred-memory',
        all.map(({ memory }) => memory),
      ),
      measured(
        'hundred-cpu',
        all.map(({ cpu }) => cpu),
      ),
    ]
  },
}
