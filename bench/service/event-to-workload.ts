import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '../experiment.js'
import { exampleJobs } from '../graph.js'
import { measured, spreadOf } from '../measured.js'
import type { DatabaseKind } from './database.js'
import { runRequest } from './signed-delivery.js'
import { openServiceStage } from './stage.js'
import { startRun, untilWorkload } from './workloads.js'

const rounds = 20
/** The API is measured beside it, for comparison. */
const apiRounds = 5
/** The service is not asked for this long, so that no request of ours delays the start. */
const undisturbedMs = 500

/** From the POST of a `repository_dispatch` delivery to the workload that it starts, as the database notes the start. The queue is idle. */
export function eventToWorkload(kind: DatabaseKind): Experiment {
  const row = `service-event-${kind}` as const
  return {
    rows: [row],
    measure: async () => {
      await using stage = await openServiceStage({ database: kind, jobs: exampleJobs })
      const { service, builds } = stage
      builds.script('acme/repoA').concludes('success', { after: 100, times: Infinity })
      const startOf = async (branch: string, ask: () => Promise<string>): Promise<number> => {
        await stage.change(branch, 'repoA')
        const postedAt = Date.now()
        const id = await ask()
        await sleep(undisturbedMs)
        const { startedAt } = await untilWorkload(service, id, ({ endedAt }) => endedAt !== null)
        if (startedAt === null) throw new Error(`the workload of ${branch} ended without having started`)
        return Date.parse(startedAt) - postedAt
      }
      const byDelivery = async (branch: string): Promise<string> => {
        const delivery = runRequest('acme/repoA', branch)
        await service.deliver(delivery)
        await service.logged((line) => line['delivery'] === delivery.id && line['result'] !== undefined)
        return delivery.id
      }
      // The first run loads code.
      await startOf('DPTA-0', () => byDelivery('DPTA-0'))
      const ofDeliveries: number[] = []
      const ofRequests: number[] = []
      for (let round = 1; round <= rounds; round += 1) {
        ofDeliveries.push(await startOf(`DPTA-${round}`, () => byDelivery(`DPTA-${round}`)))
      }
      for (let round = 101; round <= 100 + apiRounds; round += 1)
        ofRequests.push(await startOf(`DPTA-${round}`, () => startRun(service, `DPTA-${round}`)))
      const { median } = spreadOf(ofRequests)
      return [measured(row, ofDeliveries, [`from POST /changes/BRANCH/run instead: median ${median} ms`])]
    },
  }
}
