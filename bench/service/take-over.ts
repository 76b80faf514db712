import type { Experiment } from '../experiment.js'
import { measured } from '../measured.js'
import { openServiceStage } from './stage.js'
import { processOf, startRun, untilWorkload } from './workloads.js'

const rounds = 2
const row = 'service-take-over'

/** From `kill -9` of one of two replicas until the other one has resumed its orchestration. */
export const takeOver: Experiment = {
  rows: [row],
  measure: async () => {
    const samples: number[] = []
    for (let round = 0; round < rounds; round += 1) samples.push(await measureRound())
    return [measured(row, samples)]
  },
}

async function measureRound(): Promise<number> {
  await using stage = await openServiceStage({ database: 'postgres', jobs: { repoA: [] }, replicas: 2 })
  const { builds, service, services } = stage
  builds.script('acme/repoA').holds()
  await stage.change('DPTA-1', 'repoA')
  const workload = await startRun(service, 'DPTA-1')
  await builds.whenStarted('acme/repoA')
  const pid = await processOf(service, workload)
  const victim = services.find((each) => each.pid === pid)
  const survivor = services.find((each) => each.pid !== pid)
  if (!victim || !survivor) throw new Error('no replica has the workload')
  const killedAt = performance.now()
  victim.kill()
  await survivor.logged(({ message, change }) => message === 'an orchestration was resumed' && change === 'DPTA-1')
  const tookMs = performance.now() - killedAt
  builds.script('acme/repoA').release('success')
  const { status } = await untilWorkload(survivor, workload, ({ endedAt }) => endedAt !== null)
  if (status !== 'completed') throw new Error(`the orchestration that was taken over is ${status}`)
  if (builds.started.length !== 1) throw new Error(`the job was dispatched ${builds.started.length} times`)
  return tookMs / 1_000
}
