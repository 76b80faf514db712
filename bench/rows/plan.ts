import type { Experiment } from '../experiment.js'
import { wideJobs } from '../graph.js'
import { assertAnswered, tally } from '../kinds.js'
import { measured } from '../measured.js'
import type { Used } from '../process.js'
import { openRealStage } from '../real.js'

interface PlanRun extends Used {
  requests: number
  kinds: string
}

/** Measures `orch plan` as a process, in a new world. */
async function planOnce(repositories: number): Promise<PlanRun> {
  await using stage = await openRealStage({ jobs: wideJobs(repositories), buildMs: () => 0, keepsLimits: false })
  const used = await stage.orch('plan', 'DPTA-1')
  assertAnswered(stage.stub)
  return { ...used, requests: stage.stub.log.length, kinds: tally(stage.stub.log) }
}

async function planOften(repositories: number, runs: number): Promise<PlanRun[]> {
  const plans: PlanRun[] = []
  for (let run = 0; run < runs; run += 1) plans.push(await planOnce(repositories))
  return plans
}

const kindsOf = (plans: readonly PlanRun[]): string[] => [...new Set(plans.map(({ kinds }) => kinds))]

export const plan100: Experiment = {
  rows: ['plan-100-requests'],
  measure: async () => {
    const plans = await planOften(100, 3)
    return [
      measured(
        'plan-100-requests',
        plans.map(({ requests }) => requests),
        kindsOf(plans),
      ),
    ]
  },
}

export const plan1000: Experiment = {
  rows: ['plan-1000-requests', 'plan-1000-cpu', 'plan-1000-memory'],
  measure: async () => {
    const plans = await planOften(1000, 5)
    return [
      measured(
        'plan-1000-requests',
        plans.map(({ requests }) => requests),
        kindsOf(plans),
      ),
      measured(
        'plan-1000-cpu',
        plans.map(({ cpu }) => cpu),
      ),
      measured(
        'plan-1000-memory',
        plans.map(({ memory }) => memory),
      ),
    ]
  },
}
