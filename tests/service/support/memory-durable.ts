import type { Clock } from '../../../src/ports/clock.js'
import type { Durable, Task, TaskOptions } from '../../../src/service/durable/durable.js'

interface Started<Input> {
  id: string
  task: Task<Input>
  input: Input
  options: TaskOptions
}

/** Durable tasks in memory. A task that rejects is repeated after a second, and fails for good after `maxTries`. */
export class MemoryDurable implements Durable {
  /** The ids of all tasks that were started, in order. */
  readonly started: string[] = []
  /** What rejected tasks gave as their reason. */
  readonly failures: string[] = []
  /** While true, starting a task rejects, as when the database is gone. */
  isBroken = false
  maxTries = Infinity
  private readonly clock: Clock
  private readonly ended = new AbortController()
  private readonly running = new Map<string, Promise<void>>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  define<Input>(_name: string, task: Task<Input>, options: TaskOptions = {}) {
    return (id: string, input: Input): Promise<'started' | 'known'> => {
      if (this.isBroken) return Promise.reject(new Error('the database is gone'))
      if (this.running.has(id)) return Promise.resolve('known')
      this.started.push(id)
      this.running.set(id, this.perform({ id, task, input: structuredClone(input), options }))
      return Promise.resolve('started')
    }
  }

  private async perform<Input>({ id, task, input, options }: Started<Input>): Promise<void> {
    for (let tries = 1; !this.ended.signal.aborted; tries += 1) {
      try {
        return await task(input, { id, signal: AbortSignal.any([this.ended.signal]) })
      } catch (error) {
        this.failures.push(String(error))
        if (tries === this.maxTries) return options.onFailed?.(id, error)
        await this.clock.sleep(1_000, this.ended.signal)
      }
    }
  }

  /** Resolves when every task that was started has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.running.values())
  }

  launch(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    this.ended.abort()
    return Promise.resolve()
  }
}
