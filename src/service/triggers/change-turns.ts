import type { Clock } from '../../ports/clock.js'

/** Something that happened to a change, and the delivery that told it. */
export interface TurnRequest<Trigger> {
  delivery: string
  trigger: Trigger
  /** Aborts when the task of the delivery is handed to another process. */
  signal: AbortSignal
}

/** Looks at a change once, for all that happened to it. Resolves to what was done, for a reader. */
export type TakeTurn<Trigger> = (branch: string, requests: readonly TurnRequest<Trigger>[]) => Promise<string>

/** The pause between the beginnings of two turns of one change, ms. */
const debounceMs = 5_000

interface BranchTurns<Trigger> {
  /** When the next turn may begin, ms, UTC. */
  nextAt: number
  running: Promise<unknown> | null
  waiting: { requests: TurnRequest<Trigger>[]; done: Promise<string> } | null
}

/**
 * Debounces what happens to each change: the first event is handled at once, and what follows within five seconds together, in one turn. No two
 * turns of a change run at the same time in this process.
 */
export class ChangeTurns<Trigger> {
  private readonly clock: Clock
  private readonly takeTurn: TakeTurn<Trigger>
  private readonly branches = new Map<string, BranchTurns<Trigger>>()

  constructor(clock: Clock, takeTurn: TakeTurn<Trigger>) {
    this.clock = clock
    this.takeTurn = takeTurn
  }

  /** Resolves when a turn that began after this call has ended, with its result. Rejects when the signal of the request aborts before. */
  async request(branch: string, request: TurnRequest<Trigger>): Promise<string> {
    this.forgetIdle()
    const turns = this.branches.get(branch) ?? { nextAt: -Infinity, running: null, waiting: null }
    this.branches.set(branch, turns)
    return orAborted(this.join(branch, turns, request), request.signal)
  }

  private join(branch: string, turns: BranchTurns<Trigger>, request: TurnRequest<Trigger>): Promise<string> {
    if (turns.waiting) {
      turns.waiting.requests.push(request)
      return turns.waiting.done
    }
    if (turns.running === null && this.clock.now() >= turns.nextAt) return this.begin(branch, turns, [request])
    const requests = [request]
    const done = this.waitAndBegin(branch, turns, requests)
    turns.waiting = { requests, done }
    return done
  }

  private async waitAndBegin(
    branch: string,
    turns: BranchTurns<Trigger>,
    requests: TurnRequest<Trigger>[],
  ): Promise<string> {
    await turns.running
    await this.clock.sleep(turns.nextAt - this.clock.now())
    turns.waiting = null
    const left = requests.filter(({ signal }) => !signal.aborted)
    return left.length === 0 ? 'another process handles it' : this.begin(branch, turns, left)
  }

  private begin(
    branch: string,
    turns: BranchTurns<Trigger>,
    requests: readonly TurnRequest<Trigger>[],
  ): Promise<string> {
    turns.nextAt = this.clock.now() + debounceMs
    const turn = this.takeTurn(branch, requests)
    const running = turn.then(
      () => (turns.running = null),
      () => (turns.running = null),
    )
    turns.running = running
    return turn
  }

  private forgetIdle(): void {
    const now = this.clock.now()
    for (const [branch, { nextAt, running, waiting }] of this.branches) {
      if (running === null && waiting === null && now >= nextAt) this.branches.delete(branch)
    }
  }
}

/** The result, or a rejection as soon as the signal aborts. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('the task is handed to another process'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
