import type { Clock } from '../ports/clock.js'
import type { GitHub } from '../ports/github.js'
import type { Pause } from '../ports/pause.js'
import { createBudget, openBudget } from './budget.js'
import { createDispatch } from './dispatch.js'
import { explainFailure } from './explain-failure.js'
import { findRuns } from './find-runs.js'
import { createLimiter } from './limiter.js'
import { createOctokit } from './octokit.js'
import { createPause } from './pause.js'
import { readMatchingPullRequests, readPullRequest } from './pull-requests.js'
import { readRepository } from './read-change.js'
import { createRedaction, redactDeep } from './redaction.js'
import { listBranches } from './refs.js'
import { createRequests, type Requests } from './requests.js'
import { cancelRun, readRun } from './runs.js'
import { createPassThrough } from './send.js'
import { listStatuses, postStatus } from './statuses.js'
import { createTokenLogin } from './token-login.js'
import { createTransport, type RequestEntry, type Transport } from './transport.js'

export interface GitHubOptions {
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
  /** Aborted: nothing is sent or waited for any more, and what is under way is given up. */
  closed?: AbortSignal
  /** Reads under way at the same time. */
  concurrency?: number
  /** Deadline of each request, ms; Infinity: none. */
  requestTimeoutMs?: number
  userAgent?: string
}

/**
 * GitHub over its REST API. Throws at once on an address that is none, and on a token that no header can carry.
 * The token goes to the origin of `apiUrl` only, and into no result, error or entry.
 */
export function createGitHub(options: GitHubOptions): GitHub {
  const { token } = options
  const apiUrl = readApiUrl(options.apiUrl)
  // The pattern is that of a header's visible characters; the message must not show the value.
  if (token !== null && !/^[\x21-\x7e]+$/u.test(token)) throw new Error('the token holds characters that no token has')
  const redact = createRedaction(token)
  const { requests, transport } = connect({ ...options, apiUrl }, redact)
  const dispatch = createDispatch(requests)
  const readTokenLogin = createTokenLogin(requests)
  // The one way out for whatever a server said.
  const tell = async <T>(work: Promise<T>): Promise<T> => redactDeep(await work, redact)
  return {
    readChange: (query) => tell(Promise.all(query.repositories.map((each) => readRepository(requests, query, each)))),
    readPullRequests: (query) =>
      tell(
        Promise.all(
          query.repositories.map(async (repo) => ({
            repo,
            read: await readMatchingPullRequests(requests, repo, query),
          })),
        ),
      ),
    readPullRequest: (repo, number) => tell(readPullRequest(requests, repo, number)),
    listBranches: (repo, prefix) => tell(listBranches(requests, repo, prefix)),
    dispatch: (request, beforeSend) => tell(dispatch(request, beforeSend)),
    readRun: (repo, runId) => tell(readRun(requests, repo, runId)),
    findRuns: (search) => tell(findRuns(requests, readTokenLogin, search)),
    serverTime: transport.serverTime,
    explainFailure: (repo, run) => tell(explainFailure({ requests, transport }, repo, run)),
    cancelRun: (repo, runId, how) => tell(cancelRun(requests, repo, runId, how)),
    postStatus: (post, how, beforeSend) => tell(postStatus(requests, post, how, beforeSend)),
    listStatuses: (query) => tell(listStatuses(requests, query)),
  }
}

/** GitHub's hourly limit begins anew after an hour; its answer and the margins are within the five minutes. */
const defaultLongestPause = 65 * 60_000

/** From the options to what sends requests. */
function connect(
  options: GitHubOptions,
  redact: (text: string) => string,
): { requests: Requests; transport: Transport } {
  const { apiUrl, token, clock, onRequest, concurrency = 10, longestPauseMs = defaultLongestPause } = options
  const { onPause = () => undefined, closed = new AbortController().signal } = options
  const transport = createTransport({
    apiUrl,
    clock,
    fetch: options.fetch ?? fetch,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    onRequest: (entry) => onRequest?.(redactDeep(entry, redact)),
    closed,
  })
  const pause = createPause(clock, { longestMs: longestPauseMs, onPause })
  const budget = options.keepsLimits === false ? openBudget : createBudget()
  const limiter = createLimiter({ clock, pause, budget, onPause, closed })
  const pass = createPassThrough(limiter, { pause, clock, transport })
  const requests = createRequests({
    apiUrl,
    hasToken: token !== null,
    octokit: createOctokit({ apiUrl, token, userAgent: options.userAgent ?? 'orch', pass }),
    transport,
    clock,
    random: options.random ?? Math.random,
    longestPauseMs,
    closed,
    concurrency,
  })
  return { requests, transport }
}

/** Without a slash at the end: Octokit appends paths that begin with one. */
function readApiUrl(text: string): string {
  return new URL(text).href.replace(/\/+$/u, '')
}
