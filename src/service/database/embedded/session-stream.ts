import { Duplex } from 'node:stream'
import { channelRequestIn, frame, greeting, readyForQuery, splitFrames, splitStartup } from './frames.js'
import type { Frame } from './frames.js'
import type { Participant, SharedSession } from './shared-session.js'

/** The messages after which a client waits for an answer: a simple query, and the end of an extended one. */
const synchronizing = new Set(['Q', 'S'])

/** One end of a connection, in place of the socket of a client of `pg`; the other end is a shared session. */
export class SessionStream extends Duplex implements Participant {
  readonly channels = new Set<string>()
  readonly #session: SharedSession
  #hasStarted = false
  #received: Buffer = Buffer.alloc(0)
  #batch: Buffer[] = []

  constructor(session: SharedSession) {
    super()
    this.#session = session
  }

  /** As of a socket, which `pg` expects. */
  connect(): this {
    this.#session.start().then(
      () => {
        this.#session.join(this)
        this.emit('connect')
      },
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    )
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  deliver(bytes: Buffer): void {
    this.push(bytes)
  }

  override _read(): void {
    // Answers are pushed when they come.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#receive(chunk).then(
      () => done(),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    )
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#session.leave(this).then(
      () => done(error),
      (failure: unknown) => done(error ?? (failure instanceof Error ? failure : new Error(String(failure)))),
    )
  }

  async #receive(chunk: Buffer): Promise<void> {
    this.#received = Buffer.concat([this.#received, chunk])
    if (!this.#hasStarted) {
      const startup = splitStartup(this.#received)
      if (!startup) return
      this.#hasStarted = true
      this.#received = startup.rest
      this.push(greeting())
    }
    const { frames, rest } = splitFrames(this.#received)
    this.#received = rest
    for (const each of frames) await this.#accept(each)
  }

  async #accept(message: Frame): Promise<void> {
    if (message.type === 'X') return
    const request = channelRequestIn(message)
    if (request?.verb === 'unlisten') return this.#unlisten(message, request.channel)
    if (request?.channel) this.channels.add(request.channel)
    this.#batch.push(message.bytes)
    if (!synchronizing.has(message.type)) return
    const batch = Buffer.concat(this.#batch)
    this.#batch = []
    this.push(await this.#session.exchange(this, batch))
  }

  /** Other connections may listen on the channel, so the session goes on listening. */
  #unlisten({ type }: Frame, channel: string | null): void {
    if (type !== 'Q') throw new Error('UNLISTEN takes no parameters')
    if (channel === null) this.channels.clear()
    else this.channels.delete(channel)
    this.push(Buffer.concat([frame('C', 'UNLISTEN'), readyForQuery('I')]))
  }
}
