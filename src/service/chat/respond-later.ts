import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { Log } from '../operations/log.js'

export interface RespondLaterOptions {
  fetch: typeof fetch
  clock: Clock
  log: Log
}

const timeoutMs = 10_000
/** Slack takes answers for half an hour. */
const pausesMs = [1_000, 10_000, 60_000]

/**
 * Sends an answer through the response URL of Slack, which only the person sees. It is sent again after a failure. An answer that cannot be sent is
 * logged, and nothing else depends on it. The address is in no line of the log.
 */
export async function respondLater(
  { fetch, clock, log }: RespondLaterOptions,
  { url, text, signal }: { url: string; text: string; signal: AbortSignal },
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const problem = await post({ fetch, clock }, { url, text, signal })
    if (problem === null) return
    const pauseMs = pausesMs[attempt]
    if (pauseMs === undefined) return log.warn({ problem }, 'An answer could not be sent to Slack')
    await clock.sleep(pauseMs, signal)
  }
}

/** Null: Slack took it. */
async function post(
  { fetch, clock }: Pick<RespondLaterOptions, 'fetch' | 'clock'>,
  { url, text, signal }: { url: string; text: string; signal: AbortSignal },
): Promise<string | null> {
  const late = new AbortController()
  const answered = new AbortController()
  const timer = clock.sleep(timeoutMs, answered.signal).then(() => late.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: true, text }),
      // Another host must never get the answer.
      redirect: 'error',
      signal: AbortSignal.any([signal, late.signal]),
    })
    await response.body?.cancel()
    return response.ok ? null : `HTTP ${response.status}`
  } catch (error) {
    return failureText(error).replaceAll(url, '[response_url]')
  } finally {
    answered.abort()
    await timer
  }
}
