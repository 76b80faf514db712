/** Real or virtual time, ms. */
export interface LoadClock {
  now: () => number
  sleep: (ms: number) => Promise<void>
}

export interface PaceOptions {
  clock: LoadClock
  ratePerSecond: number
  durationMs: number
  /** Sends request number `index` and resolves with its answer. */
  send: (index: number) => Promise<void>
}

export interface Paced {
  /** From the time that each request was due to its answer, ms. */
  latenciesMs: number[]
  /** The longest delay from the time that a request was due until it was sent, ms: what the generator itself adds. */
  sentLateMs: number
}

/**
 * Sends requests at fixed times, whether or not earlier ones were answered, as a sender that does not wait does. A latency counts from the time
 * that the request was due. Otherwise a slow answer would hide the requests that it delays. Rejects if a request fails.
 */
export async function pace({ clock, ratePerSecond, durationMs, send }: PaceOptions): Promise<Paced> {
  const count = Math.round((ratePerSecond * durationMs) / 1_000)
  const startAt = clock.now()
  let sentLateMs = 0
  const answers: Promise<number>[] = []
  for (let index = 0; index < count; index += 1) {
    const dueAt = startAt + (index * 1_000) / ratePerSecond
    if (dueAt > clock.now()) await clock.sleep(dueAt - clock.now())
    sentLateMs = Math.max(sentLateMs, clock.now() - dueAt)
    const answer = send(index).then(() => clock.now() - dueAt)
    // A failure is reported by `Promise.all` below, after all requests were sent.
    answer.catch(() => undefined)
    answers.push(answer)
  }
  return { latenciesMs: await Promise.all(answers), sentLateMs }
}

export interface SaturateOptions {
  clock: LoadClock
  connections: number
  durationMs: number
  send: (index: number) => Promise<void>
}

/** Sends the next request on each connection as soon as the one before is answered. Resolves with the number of answers per second. */
export async function saturate({ clock, connections, durationMs, send }: SaturateOptions): Promise<number> {
  const startAt = clock.now()
  let sent = 0
  const connection = async (): Promise<void> => {
    while (clock.now() - startAt < durationMs) {
      sent += 1
      await send(sent - 1)
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  return (sent * 1_000) / (clock.now() - startAt)
}
