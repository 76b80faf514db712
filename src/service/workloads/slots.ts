import type { WorkloadKind } from './workload.js'

export interface SlotsOptions {
  /** Ids of the workers of this process. */
  workers: readonly string[]
  /** Workflow workloads that a worker holds at the same time; of agent workloads it holds one. */
  capacity: number
}

interface Waiting {
  id: string
  kind: WorkloadKind
  resolve: (worker: string) => void
}

/** The room of the workers of this process. A workload keeps its slot until it is released. */
export class Slots {
  private readonly capacity: Readonly<Record<WorkloadKind, number>>
  private readonly workers: readonly string[]
  private readonly taken = new Map<string, { kind: WorkloadKind; worker: string }>()
  private readonly waiting = new Set<Waiting>()

  constructor({ workers, capacity }: SlotsOptions) {
    this.workers = workers
    this.capacity = { workflow: capacity, agent: 1 }
  }

  /** Slots that no workload has and none waits for. */
  free(kind: WorkloadKind): number {
    const wanted = [...this.waiting].filter((each) => each.kind === kind).length
    const used = [...this.taken.values()].filter((each) => each.kind === kind).length
    return Math.max(0, this.workers.length * this.capacity[kind] - used - wanted)
  }

  /** The worker that executes the workload; null: all are busy. */
  take(id: string, kind: WorkloadKind): string | null {
    const known = this.taken.get(id)
    if (known) return known.worker
    const [least] = this.workers
      .map((worker) => ({ worker, used: this.usedBy(worker, kind) }))
      .filter(({ used }) => used < this.capacity[kind])
      .sort((one, other) => one.used - other.used)
    if (!least) return null
    this.taken.set(id, { kind, worker: least.worker })
    return least.worker
  }

  /** Waits until a worker can execute the workload. Never resolves when `signal` aborts first. */
  wait(id: string, kind: WorkloadKind, signal: AbortSignal): Promise<string> {
    return new Promise((resolve) => {
      const waiting = { id, kind, resolve }
      this.waiting.add(waiting)
      signal.addEventListener('abort', () => this.waiting.delete(waiting), { once: true })
    })
  }

  release(id: string): void {
    const slot = this.taken.get(id)
    if (!slot) return
    this.taken.delete(id)
    for (const waiting of this.waiting) {
      if (waiting.kind !== slot.kind) continue
      this.waiting.delete(waiting)
      this.taken.set(waiting.id, slot)
      waiting.resolve(slot.worker)
      return
    }
  }

  private usedBy(worker: string, kind: WorkloadKind): number {
    return [...this.taken.values()].filter((each) => each.worker === worker && each.kind === kind).length
  }
}
