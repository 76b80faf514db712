import type { NewWorkload, Work, Workload, Workloads } from '../../../src/service/workloads/workload.js'

/** A queue in memory that executes each run at once. */
export class MemoryWorkloads implements Workloads {
  /** `d-1 DPTA-1` for each workload, in order. */
  readonly enqueued: string[] = []
  /** `acme/repoB 7 completed` for each observed run. */
  readonly observed: string[] = []
  private readonly known = new Map<string, Promise<unknown>>()
  private readonly execute: (work: Work) => Promise<unknown>

  constructor(execute: (work: Work) => Promise<unknown>) {
    this.execute = execute
  }

  enqueue({ id, work }: NewWorkload): Promise<{ kind: 'created' | 'known' }> {
    if (this.known.has(id)) return Promise.resolve({ kind: 'known' })
    const branch = work.kind === 'run' ? work.branch : ''
    this.enqueued.push(`${id} ${branch}`)
    this.known.set(id, this.execute(work))
    return Promise.resolve({ kind: 'created' })
  }

  /** Resolves when every run has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.known.values())
  }

  list(): Promise<{ items: Workload[]; nextCursor: string | null }> {
    return Promise.resolve({ items: [], nextCursor: null })
  }

  read(): Promise<Workload | null> {
    return Promise.resolve(null)
  }

  cancel(): Promise<{ kind: 'absent' }> {
    return Promise.resolve({ kind: 'absent' })
  }

  workers(): Promise<[]> {
    return Promise.resolve([])
  }

  observe(...[repo, { id, status }]: Parameters<Workloads['observe']>): Promise<void> {
    this.observed.push(`${repo} ${id} ${status}`)
    return Promise.resolve()
  }
}
