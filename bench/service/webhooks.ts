import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '../experiment.js'
import { exampleJobs } from '../graph.js'
import { measured } from '../measured.js'
import type { DatabaseKind } from './database.js'
import { pace, saturate } from './load.js'
import type { LoadClock } from './load.js'
import { percentile } from './percentile.js'
import { runProgress } from './signed-delivery.js'
import { openServiceStage } from './stage.js'
import type { ServiceStage } from './stage.js'

const clock: LoadClock = { now: () => performance.now(), sleep: (ms) => sleep(ms) }
const inside = 'acme/repoA'
const outside = 'acme/elsewhere'
const connections = 32
const saturationMs = 5_000
const handlingTimeoutMs = 10 * 60_000
const ratePerSecond = 200

/** How many deliveries the service accepts per second when they are sent as fast as it answers. */
export function webhooksAccepted(kind: DatabaseKind): Experiment {
  return {
    rows: [`service-accepted-outside-${kind}`, `service-accepted-inside-${kind}`],
    measure: async () => {
      await using stage = await openServiceStage({ database: kind, jobs: exampleJobs })
      let sentInside = 0
      const accept = async (repository: string): Promise<number> => {
        const send = (index: number): Promise<void> => {
          if (repository === inside) sentInside += 1
          return stage.service.deliver(runProgress(repository, index + 1))
        }
        return saturate({ clock, connections, durationMs: saturationMs, send })
      }
      const ofOutside = await accept(outside)
      const ofInside = await accept(inside)
      const drainedMs = await untilHandled(stage, sentInside)
      const note = `${connections} connections for ${saturationMs / 1_000} s`
      const backlog = `all were handled ${Math.round(drainedMs)} ms after the last answer`
      return [
        measured(`service-accepted-outside-${kind}`, [ofOutside], [note]),
        measured(`service-accepted-inside-${kind}`, [ofInside], [note, backlog]),
      ]
    },
  }
}

/** How long the answers take at a usual load. Every other delivery is of a repository of the graph. */
export function webhooksPaced(kind: DatabaseKind): Experiment {
  return {
    rows: [`service-answer-${kind}`],
    measure: async ({ loadSeconds }) => {
      await using stage = await openServiceStage({ database: kind, jobs: exampleJobs })
      const send = (index: number): Promise<void> =>
        stage.service.deliver(runProgress(index % 2 === 0 ? inside : outside, index + 1))
      // The first requests load code and open connections.
      await pace({ clock, ratePerSecond, durationMs: 1_000, send })
      await untilHandled(stage, ratePerSecond / 2)
      const before = await stage.database.work()
      const cpuBefore = await stage.service.cpuSeconds()
      const { latenciesMs, sentLateMs } = await pace({ clock, ratePerSecond, durationMs: loadSeconds * 1_000, send })
      const drainedMs = await untilHandled(stage, (ratePerSecond + latenciesMs.length) / 2)
      const cpu = (await stage.service.cpuSeconds()) - cpuBefore
      const after = await stage.database.work()
      const perDelivery = before && after ? (after.statements - before.statements) / latenciesMs.length : null
      return [
        measured(
          `service-answer-${kind}`,
          [percentile(latenciesMs, 0.99)],
          [
            `${loadSeconds} s; median ${percentile(latenciesMs, 0.5).toFixed(1)} ms, longest ${percentile(latenciesMs, 1).toFixed(1)} ms`,
            `the sender was late by up to ${sentLateMs.toFixed(1)} ms, which is part of these figures`,
            `all were handled ${Math.round(drainedMs)} ms after the last answer`,
            `CPU time of the service for a delivery ${((cpu * 1_000) / latenciesMs.length).toFixed(2)} ms`,
            ...(perDelivery === null ? [] : [`${perDelivery.toFixed(1)} SQL statements for a delivery`]),
          ],
        ),
      ]
    },
  }
}

/** Resolves when this many deliveries are handled since the start of the service, with the time that it took, ms. */
async function untilHandled({ service }: ServiceStage, count: number): Promise<number> {
  const startedAt = performance.now()
  while (handledIn(await service.metrics()) < count) {
    if (performance.now() - startedAt > handlingTimeoutMs)
      throw new Error(`not all deliveries were handled within ${handlingTimeoutMs / 60_000} minutes`)
    await sleep(50)
  }
  return performance.now() - startedAt
}

/** The number of deliveries that were handled, in the Prometheus metrics of a service. Those that are ignored do not count. */
export function handledIn(metrics: string): number {
  const counts = metrics.matchAll(/^orch_webhook_lag_seconds_count\{[^}]*\} ([0-9]+)$/gmu)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}
