import { setTimeout as sleep } from 'node:timers/promises'
import type { FlowRunPageJson } from '../../src/model/wire/flows.js'
import type { Experiment } from '../experiment.js'
import { measured, spreadOf } from '../measured.js'
import type { DatabaseKind } from './database.js'
import { saturate } from './load.js'
import type { LoadClock } from './load.js'
import type { ServiceProcess } from './service-process.js'
import { openServiceStage } from './stage.js'

const clock: LoadClock = { now: () => performance.now(), sleep: (ms) => sleep(ms) }
const connections = 32
const saturationMs = 5_000
const concurrentPosts = 60
const repeatedRounds = 10
const stepRounds = 20
/** The service is not asked for this long, so that no request of ours delays the step. */
const undisturbedMs = 300
const storedEvents = 10_000
const readings = 50
const runTimeoutMs = 60_000
/** A usual payload, characters. */
const payload = { tag: 'v1', notes: 'x'.repeat(1_000) }

const jobs = { repoA: [] }
const flows = {
  // Its first run never ends within the measurement, so that the others wait.
  waiting: 'name: waiting\non: { event: { types: [waiting] } }\nsteps:\n  - exec: sleep 60\n',
  quick: 'name: quick\non: { event: { types: [quick] } }\nsteps:\n  - exec: "true"\n',
}

function send(service: ServiceProcess, id: string, fields: { type: string; source?: string }): Promise<number> {
  return service.sendEvent({ id, source: 'bench', payload, ...fields })
}

async function sendNew(service: ServiceProcess, id: string, fields: { type: string; source?: string }): Promise<void> {
  const status = await send(service, id, fields)
  if (status !== 202) throw new Error(`the new event ${id} was answered with ${status}`)
}

/** How many events the service accepts per second when they are sent as fast as it answers. */
export function eventsAccepted(kind: DatabaseKind): Experiment {
  const rows = [`service-flow-accepted-${kind}`, `service-flow-unmatched-${kind}`] as const
  return {
    rows,
    measure: async () => {
      await using stage = await openServiceStage({ database: kind, jobs, flows })
      const accept = (type: string): Promise<number> => {
        const sendOne = (index: number): Promise<void> => sendNew(stage.service, `${type}-${index}`, { type })
        return saturate({ clock, connections, durationMs: saturationMs, send: sendOne })
      }
      const note = `${connections} connections for ${saturationMs / 1_000} s`
      const unmatched = await accept('unmatched')
      return [measured(rows[0], [await accept('waiting')], [note]), measured(rows[1], [unmatched], [note])]
    },
  }
}

/** How long sixty posts of one new event at the same time take. Exactly one of them is new. */
export function eventsRepeated(kind: DatabaseKind): Experiment {
  const row = `service-flow-repeated-${kind}` as const
  return {
    rows: [row],
    measure: async () => {
      await using stage = await openServiceStage({ database: kind, jobs, flows })
      const samples: number[] = []
      // The first round loads code and opens connections.
      for (let round = 0; round <= repeatedRounds; round += 1) {
        const startedAt = performance.now()
        const posts = Array.from({ length: concurrentPosts }, () =>
          send(stage.service, `repeated-${round}`, { type: 'waiting' }),
        )
        const statuses = await Promise.all(posts)
        if (round > 0) samples.push(performance.now() - startedAt)
        const isNew = statuses.filter((status) => status === 202).length
        const isKnown = statuses.filter((status) => status === 200).length
        if (isNew !== 1 || isKnown !== concurrentPosts - 1)
          throw new Error(`of ${concurrentPosts} posts ${isNew} were new and ${isKnown} known`)
        const { items } = await runsOf(stage.service, `repeated-${round}`)
        if (items.length !== 1) throw new Error(`the event started ${items.length} runs`)
      }
      return [measured(row, samples, ['exactly one of the sixty was new, and started one run'])]
    },
  }
}

/** From the POST of an event to the start of the first step of its run, as the database notes it. Nothing else is executed. */
export function eventToStep(kind: DatabaseKind): Experiment {
  const row = `service-flow-step-${kind}` as const
  return {
    rows: [row],
    measure: async () => {
      await using stage = await openServiceStage({ database: kind, jobs, flows })
      const samples: number[] = []
      // The first run loads code.
      for (let round = 0; round <= stepRounds; round += 1) {
        const ms = await startOfStep(stage.service, `quick-${round}`)
        if (round > 0) samples.push(ms)
      }
      return [measured(row, samples)]
    },
  }
}

async function startOfStep(service: ServiceProcess, id: string): Promise<number> {
  const postedAt = Date.now()
  await sendNew(service, id, { type: 'quick' })
  const deadline = Date.now() + runTimeoutMs
  while (Date.now() < deadline) {
    await sleep(undisturbedMs)
    const [run] = (await runsOf(service, id)).items
    const startedAt = run?.attempts[0]?.steps[0]?.startedAt ?? null
    if (startedAt !== null && run?.endedAt !== null) return Date.parse(startedAt) - postedAt
  }
  throw new Error(`the run of ${id} has not ended after a minute`)
}

/** How long lists take when 10,000 events are stored. */
export function eventsListed(kind: DatabaseKind): Experiment {
  const rows = [`service-flow-list-${kind}`, `service-flow-filter-${kind}`] as const
  return {
    rows,
    measure: async () => {
      await using stage = await openServiceStage({ database: kind, jobs, flows })
      const { service } = stage
      await storeEvents(service)
      const read = async (path: string): Promise<number> => {
        const startedAt = performance.now()
        const { items } = (await service.get(path)) as { items: unknown[] }
        if (items.length !== 50) throw new Error(`${path} has ${items.length} items`)
        return performance.now() - startedAt
      }
      const times = async (paths: readonly string[]): Promise<number[]> => {
        const samples: number[] = []
        for (let index = 0; index < readings; index += 1) {
          await read(paths[0] ?? '')
          for (const path of paths) samples.push(await read(path))
        }
        return samples
      }
      const list = await times(['/events', '/events?cursor=5000'])
      const filtered = await times([
        '/events?type=type-7',
        '/events?source=source-3',
        '/events?type=type-7&source=source-3',
      ])
      const { max } = spreadOf([...list, ...filtered])
      const note = `${storedEvents} events with a payload of 1 KB, pages of 50; the longest answer took ${max.toFixed(1)} ms`
      return [measured(rows[0], list, [note]), measured(rows[1], filtered, [note])]
    },
  }
}

async function storeEvents(service: ServiceProcess): Promise<void> {
  let next = 0
  const connection = async (): Promise<void> => {
    while (next < storedEvents) {
      const index = next
      next += 1
      await sendNew(service, `stored-${index}`, { type: `type-${index % 20}`, source: `source-${index % 7}` })
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
}

async function runsOf(service: ServiceProcess, eventId: string): Promise<FlowRunPageJson> {
  return (await service.get(`/runs?eventId=${encodeURIComponent(eventId)}`)) as FlowRunPageJson
}
