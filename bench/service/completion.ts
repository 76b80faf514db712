import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '../experiment.js'
import { measured } from '../measured.js'
import type { DatabaseKind } from './database.js'
import { openServiceStage } from './stage.js'
import type { ServiceStage } from './stage.js'
import { startRun, untilWorkload } from './workloads.js'

const rounds = 10
/** Rounds in which a poll came before the webhook are repeated. */
const maxRounds = 20
const buildMs = 4_000

interface Round {
  /** ms from the delivery to the dispatch. */
  ms: number
  /** Whether the run was read between its end and the delivery, so that the webhook brought nothing new. */
  wasPolledBefore: boolean
}

/** From the delivery of a completed `workflow_run` to the arrival of the next dispatch at GitHub. */
export function completionToDispatch(kind: DatabaseKind): Experiment {
  const row = `service-webhook-${kind}` as const
  return {
    rows: [row],
    measure: async () => {
      const deliveredAt = new Map<string, number>()
      const deliver = async (request: Request): Promise<Response> => {
        const body = await request.text()
        noteCompletion(body, deliveredAt)
        return fetch(new Request(request.url, { method: 'POST', headers: request.headers, body }))
      }
      await using stage = await openServiceStage({ database: kind, jobs: { repoA: [], repoB: ['repoA'] }, deliver })
      stage.addWebhooks('workflow_run')
      stage.builds.script('acme/repoB').concludes('success', { after: 100, times: Infinity })
      const samples: number[] = []
      let polled = 0
      for (let round = 1; samples.length < rounds; round += 1) {
        if (round > maxRounds) throw new Error(`polls came before the webhook in ${polled} of ${maxRounds} rounds`)
        const { ms, wasPolledBefore } = await measureRound(stage, round, deliveredAt)
        if (wasPolledBefore) polled += 1
        else if (round > 1) samples.push(ms)
      }
      return [measured(row, samples, [`rounds repeated because a poll came before the webhook: ${polled}`])]
    },
  }
}

async function measureRound(
  { service, sandbox, builds, change }: ServiceStage,
  round: number,
  deliveredAt: ReadonlyMap<string, number>,
): Promise<Round> {
  const branch = `DPTA-${round}`
  await change(branch, 'repoA', 'repoB')
  builds.script('acme/repoA').holds()
  const first = builds.whenStarted('acme/repoA', round)
  const second = builds.whenStarted('acme/repoB', round)
  const workload = await startRun(service, branch)
  await first
  // The length differs from round to round, so that the end falls between two polls as it would in reality.
  await sleep(buildMs + Math.random() * 1_000)
  const requestsBefore = sandbox.requests.length
  builds.script('acme/repoA').release('success')
  await second
  const deliveryAt = deliveredAt.get(branch)
  if (deliveryAt === undefined) throw new Error('the next job was dispatched before the webhook was sent')
  const requests = sandbox.requests.slice(requestsBefore)
  const dispatch = requests.find(({ method, path }) => method === 'POST' && /repoB\/.*\/dispatches$/u.test(path))
  if (!dispatch) throw new Error('the next job was not dispatched')
  const isReading = ({ method, path }: { method: string; path: string }): boolean =>
    method === 'GET' && /\/repoA\/actions\/runs\/[0-9]+(?:\?|$)/u.test(path)
  const readings = requests.filter((request) => isReading(request) && request.time <= dispatch.time)
  if (readings.length === 0) throw new Error('the next job was dispatched without a reading of the completed run')
  await untilWorkload(service, workload, ({ endedAt }) => endedAt !== null)
  return {
    ms: dispatch.time - deliveryAt,
    wasPolledBefore: readings.some(({ time }) => time < deliveryAt),
  }
}

/** Notes when the completion of the first job was delivered, by its branch. */
function noteCompletion(body: string, deliveredAt: Map<string, number>): void {
  const {
    action,
    workflow_run: run,
    repository,
  } = JSON.parse(body) as {
    action: string
    workflow_run: { head_branch: string }
    repository: { name: string }
  }
  if (action === 'completed' && repository.name === 'repoA') deliveredAt.set(run.head_branch, Date.now())
}
