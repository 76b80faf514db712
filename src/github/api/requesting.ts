import type { Clock } from '../../ports/clock.js'
import type { Pause } from '../../ports/pause.js'
import { createNodeFetch } from '../http/node-fetch.js'
import { redactDeep, type Redaction } from '../../lib/redaction.js'
import type { RequestEntry } from '../http/request-entry.js'
import { createShutdown } from '../http/shutdown.js'
import { createTransport, type Transport } from '../http/transport.js'
import { createBudget, openBudget } from '../limits/budget.js'
import { createLimiter } from '../limits/limiter.js'
import { createPause } from '../limits/pause.js'
import { createRateLimitAllowances, type RateLimitAllowances } from '../limits/rate-limit-headers.js'
import { createRequests, type Requests } from './requests.js'
import { createTokenSource, type TokenProvider, type TokenSource } from './token.js'

export interface RequestingOptions {
  /** Root of the REST API: `https://api.github.com`, `https://HOST/api/v3`. */
  apiUrl: string
  /** null: requests are sent without a token. */
  token: TokenProvider | null
  clock: Clock
  /** Numbers from 0 to 1 that spread retries out. */
  random?: () => number
  fetch?: typeof fetch
  /** Called after each exchange; for `--verbose`. */
  onRequest?: (entry: RequestEntry) => void
  /** Called once for each pause, when it begins. */
  onPause?: (pause: Pause) => void
  /** Whether GitHub's documented limits are kept (`budget.ts`); false for a local server. Default true. */
  keepsLimits?: boolean
  /** The longest pause that requests wait for, ms; if a limit lasts longer, requests fail with `rate-limited`. Default 65 minutes. */
  longestPauseMs?: number
  /** When aborted, nothing more is sent, requests in flight are abandoned, and no pending call settles. */
  closed?: AbortSignal
  /** The most reads in flight at the same time. */
  concurrency?: number
  /** Deadline of each request, and of each call of the token provider, ms; Infinity: none. */
  requestTimeoutMs?: number
  userAgent?: string
}

/** GitHub's hourly limit is reset after an hour; the answer and the margins fit into the five minutes. */
const defaultLongestPauseMs = 65 * 60_000

/** Creates the parts that all requests share from the options. */
export function createRequesting(
  options: RequestingOptions,
  redaction: Redaction,
): { requests: Requests; transport: Transport; tokens: TokenSource; allowances: RateLimitAllowances } {
  const { apiUrl, clock, onRequest, requestTimeoutMs = 30_000, longestPauseMs = defaultLongestPauseMs } = options
  const { onPause = () => undefined } = options
  const shutdown = createShutdown(options.closed)
  const allowances = createRateLimitAllowances(clock)
  const tokens = createTokenSource({
    provider: options.token,
    redaction,
    clock,
    timeoutMs: requestTimeoutMs,
    shutdown: shutdown,
  })
  const transport = createTransport({
    apiUrl,
    clock,
    fetch: options.fetch ?? createNodeFetch(),
    requestTimeoutMs,
    onRequest: (entry) => onRequest?.(redactDeep(entry, redaction.redact)),
    onHeaders: allowances.note,
    shutdown: shutdown,
  })
  const pause = createPause(clock, { longestMs: longestPauseMs, onPause })
  const budget = options.keepsLimits === false ? openBudget : createBudget()
  const requests = createRequests({
    apiUrl,
    userAgent: options.userAgent ?? 'orch',
    tokens,
    transport,
    limiter: createLimiter({ clock, pause, budget, onPause, shutdown: shutdown }),
    pause,
    clock,
    random: options.random ?? Math.random,
    longestPauseMs,
    shutdown: shutdown,
    concurrency: options.concurrency ?? 10,
  })
  return { requests, transport, tokens, allowances }
}
