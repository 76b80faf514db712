import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../src/ports/clock.js'
import type { Database } from '../../src/service/database/database.js'
import { createDurable } from '../../src/service/durable/dbos-durable.js'
import type { Durable } from '../../src/service/durable/durable.js'
import { createProcessLease } from '../../src/service/durable/process-lease.js'
import type { ProcessLease } from '../../src/service/durable/process-lease.js'
import type { Log } from '../../src/service/operations/log.js'
import type { WorkloadLimits } from '../../src/service/workloads/claim.js'
import type { Execution, Executors } from '../../src/service/workloads/execution.js'
import type { Workload } from '../../src/service/workloads/workload.js'
import type { WorkloadEnd } from '../../src/service/workloads/workload-row.js'
import { createWorkloads } from '../../src/service/workloads/workloads.js'
import type { WorkloadService } from '../../src/service/workloads/workloads.js'

export const realClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(Math.min(Math.max(0, ms), 2 ** 31 - 1), undefined, signal ? { signal } : {}).catch(() => undefined)
  },
}

/** A log that keeps the lines a person would have to look at. */
export function listLog(): Log & { lines: string[] } {
  const lines: string[] = []
  const keep = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log = { debug: () => undefined, info: () => undefined, warn: keep, error: keep, lines, with: () => log }
  return log
}

/** An execution of a workload that the test ends. */
export interface HeldExecution extends Execution {
  end: (status?: WorkloadEnd['status'], result?: string) => void
  fail: (error: Error) => void
}

export interface ReplicaOptions {
  workers?: number
  capacity?: number
  limits?: Partial<WorkloadLimits>
  ttlMs?: number
  pollMs?: number
}

/** A process of the service with a queue whose workloads do nothing until the test ends them. DBOS allows one of them in an operating-system process. */
export class Replica {
  readonly held = new Map<string, HeldExecution>()
  readonly begun: string[] = []
  private readonly awaited = new EventEmitter()
  readonly log = listLog()
  readonly lease: ProcessLease
  readonly durable: Durable
  readonly workloads: WorkloadService

  private constructor(database: Database, name: string, options: ReplicaOptions) {
    const { workers = 1, capacity = 100, limits, ttlMs = 15_000, pollMs = 200 } = options
    const base = { database, clock: realClock, log: this.log }
    const identity = { id: name, host: 'test', pid: 1, workers }
    this.lease = createProcessLease({ ...base, identity, ttlMs })
    const roles = workers > 0 ? (['service', 'worker'] as const) : (['service'] as const)
    this.durable = createDurable({ ...base, lease: this.lease, roles, takeOverPeriodMs: 100 })
    const execute = (_: unknown, execution: Execution): Promise<WorkloadEnd> => this.hold(execution)
    const executors: Executors = { run: execute, 'flow-step': execute }
    this.workloads = createWorkloads({
      ...base,
      lease: this.lease,
      durable: this.durable,
      capacity,
      limits: { perRepository: null, inAll: null, ...limits },
      executors,
      pollMs,
    })
  }

  static async start(database: Database, name: string, options: ReplicaOptions = {}): Promise<Replica> {
    const replica = new Replica(database, name, options)
    await replica.durable.launch()
    await replica.workloads.start()
    return replica
  }

  private hold(execution: Execution): Promise<WorkloadEnd> {
    this.begun.push(execution.id)
    return new Promise((resolve, reject) => {
      const end: HeldExecution['end'] = (status = 'completed', result = 'done') => resolve({ status, result })
      execution.signal.addEventListener('abort', () => end())
      const held = { ...execution, end, fail: reject }
      this.held.set(execution.id, held)
      this.awaited.emit(execution.id, held)
    })
  }

  /** Resolves when a workload begins. */
  async execution(id: string): Promise<HeldExecution> {
    const held = this.held.get(id)
    if (held) return held
    const [begun] = (await once(this.awaited, id)) as [HeldExecution]
    return begun
  }

  async whenStatus(id: string, status: Workload['status']): Promise<Workload> {
    return until(async () => {
      const workload = await this.workloads.read(id)
      return workload?.status === status ? workload : null
    })
  }

  async close(): Promise<void> {
    await this.workloads.close()
    await this.durable.close()
  }
}

/** Polls until there is an answer, more and more rarely: what is waited for needs the processor itself. */
export async function until<T>(read: () => Promise<T | null>, timeoutMs = 40_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (let pauseMs = 10; ; pauseMs = Math.min(2 * pauseMs, 200)) {
    const value = await read()
    if (value !== null) return value
    if (Date.now() > deadline) throw new Error('what the test waits for did not happen')
    await sleep(pauseMs)
  }
}
