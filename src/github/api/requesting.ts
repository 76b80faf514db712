import type { Clock } from '../../ports/clock.js'
import type { Pause } from '../../ports/pause.js'
import { createAllowances, noteAllowances, type Allowances } from '../limits/rate-limit-headers.js'
import { createBudget, openBudget } from '../limits/budget.js'
import { createShutdown } from '../http/shutdown.js'
import { createLimiter } from '../limits/limiter.js'
import { createOctokit } from './octokit.js'
import { createNodeFetch } from '../http/node-fetch.js'
import { createPause } from '../limits/pause.js'
import { redactDeep } from '../http/redaction.js'
import { createRequests, type Requests } from './requests.js'
import { createPassThrough } from './send.js'
import { createTransport, type RequestEntry, type Transport } from '../http/transport.js'

export interface RequestingOptions {
  /** Root of the REST API: `https://api.github.com`, `https://HOST/api/v3`. */
  apiUrl: string
  /** null: none is sent. */
  token: string | null
  clock: Clock
  /** Numbers from 0 to 1 that spread retries out. */
  random?: () => number
  fetch?: typeof fetch
  /** Called after each exchange; for `--verbose`. */
  onRequest?: (entry: RequestEntry) => void
  /** Called when requests begin to wait for the end of a limit: once for each pause. */
  onPause?: (pause: Pause) => void
  /** Whether GitHub's documented limits are kept (`budget.ts`); false for a local server. Default true. */
  keepsLimits?: boolean
  /** The longest pause that is waited, ms; where a limit lasts longer, requests fail with `rate-limited`. Default 65 minutes. */
  longestPauseMs?: number
  /** Aborted: nothing is sent or waited for any more, what is under way is given up, and nothing that was asked for is answered. */
  closed?: AbortSignal
  /** Reads under way at the same time. */
  concurrency?: number
  /** Deadline of each request, ms; Infinity: none. */
  requestTimeoutMs?: number
  userAgent?: string
}

/** GitHub's hourly limit begins anew after an hour; its answer and the margins are within the five minutes. */
const defaultLongestPause = 65 * 60_000

/** What sends requests, from the options: the parts that all of them share. */
export function createRequesting(
  options: RequestingOptions,
  redact: (text: string) => string,
): { requests: Requests; transport: Transport; allowances: Allowances } {
  const { apiUrl, token, clock, onRequest, concurrency = 10, longestPauseMs = defaultLongestPause } = options
  const { onPause = () => undefined } = options
  const closing = createShutdown(options.closed)
  const allowances = createAllowances(clock)
  const transport = createTransport({
    apiUrl,
    clock,
    fetch: noteAllowances(options.fetch ?? createNodeFetch(), new URL(apiUrl).origin, allowances),
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    onRequest: (entry) => onRequest?.(redactDeep(entry, redact)),
    closing,
  })
  const pause = createPause(clock, { longestMs: longestPauseMs, onPause })
  const budget = options.keepsLimits === false ? openBudget : createBudget()
  const limiter = createLimiter({ clock, pause, budget, onPause, closing })
  const pass = createPassThrough(limiter, { pause, clock, transport })
  const requests = createRequests({
    apiUrl,
    hasToken: token !== null,
    octokit: createOctokit({ apiUrl, token, userAgent: options.userAgent ?? 'orch', pass }),
    transport,
    clock,
    random: options.random ?? Math.random,
    longestPauseMs,
    closing,
    concurrency,
  })
  return { requests, transport, allowances }
}
