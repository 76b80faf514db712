import type { InvalidateChangeResult } from '../../../src/app/invalidate-change.js'
import { previewRun, type PlannedRun } from '../../../src/app/plan-run.js'
import type { Stopped } from '../../../src/app/problem.js'
import { invalidateChange } from '../../../src/app/invalidate-change.js'
import { readStatus, type ReadStatusResult } from '../../../src/app/read-status.js'
import type { ChangeCommands } from '../../../src/service/commands/change-commands.js'
import type { AppWorld, ProcessPorts } from '../../support/app-door.js'

/** Commands on a world with an embedded GitHub: everything is done but runs, which are only noted. */
export class KeptCommands implements ChangeCommands {
  /** `run DPTA-1 by @mona`, in order. */
  readonly asked: string[] = []
  /** What `run` answers instead. */
  refusal: Stopped | null = null
  private readonly world: AppWorld
  private readonly ports: ProcessPorts
  private readonly queued = new Set<string>()

  constructor(world: AppWorld) {
    this.world = world
    this.ports = world.process('service').ports
  }

  run(branch: string, by: string, eventId: string): Promise<{ kind: 'created' | 'known'; workload: string } | Stopped> {
    this.asked.push(`run ${branch} by ${by}`)
    if (this.refusal) return Promise.resolve(this.refusal)
    const kind = this.queued.has(eventId) ? 'known' : 'created'
    this.queued.add(eventId)
    return Promise.resolve({ kind, workload: eventId })
  }

  plan(branch: string): Promise<PlannedRun | Stopped> {
    this.asked.push(`plan ${branch}`)
    const settings = {
      failFast: true,
      maxParallel: null,
      timeoutMs: null,
      postStatus: true,
      only: null,
      force: false,
    }
    const event = { key: null, isRepeated: false, isNamed: false }
    const { graph } = this.world
    return previewRun({ ...this.ports, graph, branch, settings, event, serverUrl: 'http://127.0.0.1:9', link: '' })
  }

  status(branch: string): Promise<ReadStatusResult> {
    this.asked.push(`status ${branch}`)
    return readStatus({ host: this.ports.host, graph: this.world.graph, branch })
  }

  cancel(branch: string, by: string): Promise<{ count: number }> {
    this.asked.push(`cancel ${branch} by ${by}`)
    return Promise.resolve({ count: 1 })
  }

  invalidate(branch: string, by: string): Promise<InvalidateChangeResult> {
    this.asked.push(`invalidate ${branch} by ${by}`)
    const { graph } = this.world
    const request = { graph, branch, onlyIfChanged: false, reason: `asked by ${by}`, link: '', isDryRun: false }
    return invalidateChange({ ...this.ports, ...request })
  }
}
