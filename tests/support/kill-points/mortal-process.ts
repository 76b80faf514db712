import type { Event } from '../../../src/model/build/events.js'
import type { Clock } from '../../../src/ports/clock.js'
import type { Journal } from '../../../src/ports/journal.js'
import { requestInProcess } from '../../../src/sandbox/http/in-process.js'
import { plainResponse } from '../../../src/sandbox/http/plain-messages.js'
import type { JournalDisk } from './journal-disk.js'
import { journalLine } from './journal-disk.js'
import type { TestClock } from '../test-clock.js'

/** The moments around a request or a write at which a process may die. A request that has been sent reaches GitHub in any case. */
export type Moment =
  | 'before the request'
  | 'after the effect of'
  | 'after the answer to'
  | 'before the write of'
  | 'in the middle of the write of'
  | 'after the write of'

export interface KillPoint {
  moment: Moment
  /** The number of the request or of the write in its process, from 1. */
  nth: number
  /** `POST repoB/dispatches`, `dispatch-requested repoB`. */
  label: string
}

/** The fault of one request. `before`: GitHub never sees it. `after`: GitHub executes it. */
export type RequestFault =
  | { kind: 'respond'; status: number; body?: object; effect: 'before' | 'after' }
  | { kind: 'cut'; effect: 'before' | 'after' }
  | { kind: 'hang'; effect: 'before' | 'after' }

/** The faults of a process. Requests and writes are counted from 1. */
export interface ProcessFaults {
  /** Called at every moment at which the process can be killed. */
  isKilledAt?: (point: KillPoint, now: number) => boolean
  trouble?: (asked: { nth: number; label: string; body: string }) => RequestFault | null
  /** The latency of a request, ms; null: the default. */
  latencyOf?: (asked: { nth: number; label: string }) => number | null
  /** A full disk keeps what still fits: half of the line. */
  isDiskFull?: (written: { nth: number; label: string }) => boolean
}

/** The latency to GitHub and back, ms: long enough that other events happen in between. */
const latencyMs = 40

/**
 * The ports of one process: time, GitHub, disk. After the kill no request is sent, no answer arrives, nothing is
 * written and no sleeper wakes; the memory of the process is lost.
 */
export class MortalProcess {
  /** Resolves when the process is killed. */
  readonly died: Promise<'killed'>
  /** `POST repoB/statuses` for each request, in order. */
  readonly requests: string[] = []
  /** `dispatch-requested repoB` for each attempted line, in order. */
  readonly writes: string[] = []
  private isDead = false
  private die: () => void = () => undefined
  private readonly root: TestClock
  private readonly server: (request: Request) => Promise<Response>
  private readonly disk: JournalDisk
  private readonly faults: ProcessFaults

  constructor(
    root: TestClock,
    server: (request: Request) => Promise<Response>,
    disk: JournalDisk,
    faults: ProcessFaults = {},
  ) {
    this.root = root
    this.server = server
    this.disk = disk
    this.faults = faults
    this.died = new Promise((resolve) => {
      this.die = () => {
        this.isDead = true
        resolve('killed')
      }
    })
  }

  readonly clock: Clock = {
    now: () => this.root.now(),
    sleep: async (ms, signal) => {
      await this.root.sleep(ms, signal)
      return this.unlessDead()
    },
  }

  readonly journal: Journal = {
    append: (event: Event) => this.append(journalLine(event), labelOf(event)),
    close: () => this.unlessDead(),
  }

  readonly fetch = async (input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> => {
    if (this.isDead) return never()
    const request = requestInProcess(input, init)
    const label = labelOfRequest(request)
    const nth = this.requests.push(label)
    const body = typeof init?.body === 'string' ? init.body : ''
    const trouble = this.faults.trouble?.({ nth, label, body }) ?? null
    await this.survive({ moment: 'before the request', nth, label })
    await this.root.sleep(this.faults.latencyOf?.({ nth, label }) ?? latencyMs)
    const answer = await this.root.track(this.handle(request, trouble))
    await this.survive({ moment: 'after the effect of', nth, label })
    await this.root.sleep(latencyMs)
    await this.survive({ moment: 'after the answer to', nth, label })
    if (answer === 'cut') throw new TypeError('fetch failed', { cause: connectionReset() })
    return answer === 'nothing' ? never() : answer
  }

  /** Writes one line of the journal: the whole of it, half of it, or nothing. */
  async append(line: Buffer, label: string): Promise<void> {
    if (this.isDead) return never()
    const nth = this.writes.push(label)
    const half = line.subarray(0, Math.floor(line.length / 2))
    if (this.faults.isDiskFull?.({ nth, label })) {
      this.disk.write(half)
      throw new Error('ENOSPC: no space left on device, write')
    }
    // Nothing is awaited here: otherwise a process that is killed in between could still write.
    if (this.isKilledAt({ moment: 'before the write of', nth, label })) return this.kill()
    const isTorn = this.isKilledAt({ moment: 'in the middle of the write of', nth, label })
    this.disk.write(isTorn ? half : line)
    if (isTorn || this.isKilledAt({ moment: 'after the write of', nth, label })) return this.kill()
  }

  private async handle(request: Request, trouble: RequestFault | null): Promise<Response | 'cut' | 'nothing'> {
    if (trouble?.effect !== 'before') {
      const { status, headers, body } = await read(await this.server(request))
      if (!trouble) return plainResponse(isEmpty(status) ? null : body, { status, headers })
    }
    if (trouble.kind === 'cut') return 'cut'
    return trouble.kind === 'hang' ? 'nothing' : refusal(trouble, this.root.now())
  }

  private isKilledAt(point: KillPoint): boolean {
    return !this.isDead && this.faults.isKilledAt?.(point, this.root.now()) === true
  }

  /** Continues only if the process is alive and is not killed at this point. */
  private survive(point: KillPoint): Promise<void> {
    return this.isKilledAt(point) ? this.kill() : this.unlessDead()
  }

  private kill(): Promise<never> {
    this.die()
    return never()
  }

  private unlessDead(): Promise<void> {
    return this.isDead ? never() : Promise.resolve()
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** The body is read while the clock is stopped, because a stream would arrive some turns of the event loop later. */
async function read(
  response: Response,
): Promise<{ status: number; headers: Record<string, string>; body: Uint8Array }> {
  const { status, headers } = response
  return { status, headers: Object.fromEntries(headers), body: new Uint8Array(await response.arrayBuffer()) }
}

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
}

/** Such an answer has no body. */
function isEmpty(status: number): boolean {
  return status === 204 || status === 304
}

function refusal({ status, body }: Extract<RequestFault, { kind: 'respond' }>, now: number): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8', date: new Date(now).toUTCString() }
  return plainResponse(isEmpty(status) ? null : JSON.stringify(body ?? { message: 'Server Error' }), {
    status,
    headers,
  })
}

function labelOfRequest({ method, url }: Request): string {
  const path = new URL(url).pathname.replace(/^\/api\/v3/u, '').replace(/^\/repos\/acme\//u, '')
  const short = path
    .replace(/\b[0-9a-f]{40}\b/u, 'SHA')
    .replace(/\/runs\/\d+/u, '/runs/ID')
    .replace('/actions/workflows/build.yml', '')
  return `${method} ${short}`
}

/** `dispatch-requested repoB`, `status-posted claim repoA`, `finished`. */
export function labelOf(event: Event): string {
  if ('job' in event) return `${event.type} ${event.job}`
  return 'repo' in event ? `${event.type} ${event.round} ${event.repo.replace('acme/', '')}` : event.type
}
