import { receiveEvent } from '../../../src/flows/receive-event.js'
import { signalGroup } from '../../../src/lib/signal-group.js'
import type { NewEvent } from '../../../src/model/flow/flow-event.js'
import { lastAttempt } from '../../../src/model/flow/flow-run.js'
import type { FlowRun, FlowRunStatus } from '../../../src/model/flow/flow-run.js'
import type { Database } from '../../../src/service/database/database.js'
import { createMetrics } from '../../../src/service/operations/metrics.js'
import { noTracing } from '../../../src/service/operations/tracing.js'
import { createWork } from '../../../src/service/work.js'
import type { ServiceWork } from '../../../src/service/work.js'
import { countQueue } from '../../../src/service/workloads/queue-views.js'
import { listLog, realClock, until } from '../../support/queue-room.js'
import type { RealTimeGitHub } from '../../support/real-time-github.js'

export interface FlowSceneOptions {
  database: Database
  github: RealTimeGitHub
  /** The folder with the flows. */
  directory: string
  environment?: Readonly<Record<string, string>>
  /** Default: 2. */
  workers?: number
}

/** A process of the service that performs the steps of flows. DBOS allows one of them in an operating-system process. */
export class FlowScene {
  readonly log = listLog()
  readonly work: ServiceWork
  readonly #ending = new AbortController()
  #running: Promise<void> = Promise.resolve()

  private constructor({ database, github, directory, environment, workers = 2 }: FlowSceneOptions) {
    this.work = createWork(
      {
        graph: github.graph,
        database,
        clock: realClock,
        random: Math.random,
        log: this.log,
        metrics: createMetrics(() => countQueue(database)),
        tracing: noTracing,
        host: github.connect(),
        githubLogin: { problem: () => null, whenAccepted: () => Promise.resolve(), note: () => undefined },
        isApp: false,
        serverUrl: github.url,
        linkTo: (branch) => `${github.url}/changes/${branch}`,
        identity: { host: 'test', pid: 1 },
        workers,
        capacity: 100,
        places: {
          root: directory,
          stateDirectory: `${directory}/.orch`,
          environment: { PATH: process.env['PATH'] ?? '', ...environment },
          signalGroup,
        },
        publicUrl: 'https://orch.example.com',
      },
      { roles: ['service'], listensOn: () => null },
    )
  }

  static async start(options: FlowSceneOptions): Promise<FlowScene> {
    const scene = new FlowScene(options)
    await scene.work.engine.launch()
    scene.#running = scene.work.flows.run(scene.#ending.signal)
    return scene
  }

  /** Accepts an event and starts its runs. */
  async send(id: string, fields: Partial<NewEvent> = {}): Promise<readonly FlowRun[]> {
    const { flows } = this.work
    const sent = { id, type: 'upstream.release', source: 'patch', payload: { tag: 'v1' }, ...fields }
    const received = await receiveEvent(flows.ports, sent)
    if (received.kind !== 'accepted' && received.kind !== 'known')
      throw new Error(`the event was not kept: ${received.kind}`)
    await flows.advance(received.runs.map(({ flow }) => flow))
    return received.runs
  }

  /** The run once its last attempt has one of these statuses. */
  whenStatus(id: string, ...statuses: FlowRunStatus[]): Promise<FlowRun> {
    return until(async () => {
      const run = await this.work.flows.ports.store.readRun(id)
      return run && statuses.includes(lastAttempt(run).status) ? run : null
    }, 90_000)
  }

  whenEnded(id: string): Promise<FlowRun> {
    return this.whenStatus(id, 'completed', 'failed', 'cancelled')
  }

  /** The run once its command has printed something. */
  whenPrinted(id: string): Promise<FlowRun> {
    return until(async () => {
      const run = await this.work.flows.ports.store.readRun(id)
      return run && lastAttempt(run).output.stdout !== '' ? run : null
    }, 90_000)
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.work.engine.close()
    await this.#running
  }
}
