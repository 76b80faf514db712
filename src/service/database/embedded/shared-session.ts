import { failureText } from '../../../lib/failure-text.js'
import type { Frame, SessionState } from './frames.js'
import { channelIn, frame, messageIn, splitFrames, stateIn } from './frames.js'

/** A database with one session, which executes whole messages of PostgreSQL's protocol. */
export interface Session {
  /** Resolves to what the database answers. It is valid when `onDisk` has resolved: a commit may not have reached the disk before. */
  execute(bytes: Buffer): Promise<{ answer: Buffer; onDisk: Promise<void> }>
  close(): Promise<void>
  /** Releases the files of a session that failed, without writing to them. */
  abandon(): void
}

/** A connection of `SharedSession`. */
export interface Participant {
  readonly channels: ReadonlySet<string>
  /** Sends bytes to the client. */
  deliver(bytes: Buffer): void
  destroy(error: Error): void
}

/** A transaction that does nothing for this long is rolled back, or it would keep all others waiting. */
const idleInTransactionMs = 30_000

/** An opening that fails takes seconds of the whole process, and every query would try another. */
const reopenPauseMs = 5_000

/**
 * Shares one session between many connections. Messages up to a synchronisation point are executed together, and a connection has the
 * session to itself from the beginning of a transaction to its end.
 */
export class SharedSession {
  readonly #open: () => Promise<Session>
  #session: Promise<Session> | null = null
  /** The session that is open; null: none, or the last one failed. */
  #live: Session | null = null
  #owner: Participant | null = null
  /** Why the last opening failed; null: another may be tried. */
  #failure: Error | null = null
  readonly #waiting: { participant: Participant; start: () => void }[] = []
  readonly #participants = new Set<Participant>()
  #idleTimer: NodeJS.Timeout | undefined

  /** `open` is called again when a session was lost. */
  constructor(open: () => Promise<Session>) {
    this.#open = open
  }

  /** Rejects when the session cannot be opened. */
  async start(): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#session ??= this.#open()
    try {
      this.#live = await this.#session
    } catch (error) {
      this.#session = null
      this.#failure = lostConnection(error)
      setTimeout(() => (this.#failure = null), reopenPauseMs).unref()
      throw this.#failure
    }
  }

  join(participant: Participant): void {
    this.#participants.add(participant)
  }

  /** A connection that ends in a transaction rolls it back. */
  async leave(participant: Participant): Promise<void> {
    this.#participants.delete(participant)
    const index = this.#waiting.findIndex((each) => each.participant === participant)
    if (index !== -1) this.#waiting.splice(index, 1)
    if (this.#owner !== participant) return
    if (this.#session) await this.#execute(frame('Q', 'ROLLBACK'))
    this.#handOver()
  }

  /**
   * Executes messages that end with a synchronisation point. Resolves to the answer without notifications, which go to the connections
   * that listen.
   */
  async exchange(participant: Participant, messages: Buffer): Promise<Buffer> {
    await this.#acquire(participant)
    const { frames, state, onDisk } = await this.#execute(messages)
    // A connection that ended meanwhile gives the session back when it has rolled back.
    if (this.#participants.has(participant)) {
      if (state === 'I') this.#handOver()
      else this.#watchIdleness(participant)
    }
    await onDisk
    return Buffer.concat(frames.map(({ bytes }) => bytes))
  }

  async close(): Promise<void> {
    const session = await this.#session
    this.#session = null
    clearTimeout(this.#idleTimer)
    await session?.close()
  }

  /** What was executed is valid when `onDisk` has resolved. If it rejects, the session is lost. */
  async #execute(messages: Buffer): Promise<{ frames: Frame[]; state: SessionState; onDisk: Promise<void> }> {
    await this.start()
    const session = await this.#session
    if (!session) throw new Error('the database was closed')
    try {
      const { answer, onDisk } = await session.execute(messages)
      onDisk.catch((error: unknown) => this.#lose(session, error))
      const { frames } = splitFrames(answer)
      const state = finalState(frames)
      for (const each of frames) if (each.type === 'A') this.#notify(each)
      return { frames: frames.filter(({ type }) => type !== 'A'), state, onDisk }
    } catch (error) {
      this.#lose(session, error)
      throw error
    }
  }

  #notify(notification: Frame): void {
    const channel = channelIn(notification)
    for (const each of this.#participants) if (each.channels.has(channel)) each.deliver(notification.bytes)
  }

  async #acquire(participant: Participant): Promise<void> {
    if (this.#owner === participant) clearTimeout(this.#idleTimer)
    else if (this.#owner === null) this.#owner = participant
    else await new Promise<void>((resolve) => this.#waiting.push({ participant, start: resolve }))
    if (!this.#participants.has(participant)) throw lostConnection(new Error('its connection was closed'))
  }

  /** The next one starts in a later turn of the event loop: a long queue must not keep everything else waiting. */
  #handOver(): void {
    clearTimeout(this.#idleTimer)
    const next = this.#waiting.shift()
    this.#owner = next?.participant ?? null
    if (next) setImmediate(next.start)
  }

  #watchIdleness(participant: Participant): void {
    this.#idleTimer = setTimeout(() => {
      participant.destroy(new Error('the connection was terminated: its transaction did nothing for too long'))
    }, idleInTransactionMs).unref()
  }

  /** What happened in the session is unknown, so all connections end. The next one opens another session. */
  #lose(session: Session, cause: unknown): void {
    if (this.#live !== session) return
    this.#live = null
    this.#session = null
    this.#owner = null
    this.#waiting.length = 0
    session.abandon()
    const participants = [...this.#participants]
    this.#participants.clear()
    for (const each of participants) each.destroy(lostConnection(cause))
  }
}

/** The state after an answer. A server that failed does not report that it is ready, but it may say why it failed. */
function finalState(frames: readonly Frame[]): SessionState {
  const last = frames.findLast(({ type }) => type === 'Z')
  if (last) return stateIn(last)
  const failure = frames.find(({ type }) => type === 'E')
  throw new Error(failure ? messageIn(failure) : 'it did not answer')
}

/** With the SQLSTATE of a lost connection, by which clients decide to try again. */
function lostConnection(cause: unknown): Error {
  const error = new Error(`the embedded database failed: ${failureText(cause)}`, { cause })
  return Object.assign(error, { code: '08006' })
}
