import type { Clock } from '../ports/clock.js'
import type { GitHub } from '../ports/github.js'
import { createDispatch } from './dispatch.js'
import { explainFailure } from './explain-failure.js'
import { findRuns, listRuns } from './find-runs.js'
import { createOctokit } from './octokit.js'
import { readMatchingPullRequests, readPullRequest } from './pull-requests.js'
import { readRepository } from './read-change.js'
import { createRedaction, redactDeep } from './redaction.js'
import { listBranches } from './refs.js'
import { createRequests } from './requests.js'
import { cancelRun, readRun } from './runs.js'
import { listStatuses, postStatus } from './statuses.js'
import { createTokenLogin } from './token-login.js'
import { createTransport, type RequestEntry } from './transport.js'

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
  /** Least time between two dispatches or status posts, ms; 0 for a local server. GitHub allows some 80 a minute. */
  writeSpacingMs?: number
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
  const { token, clock } = options
  const apiUrl = readApiUrl(options.apiUrl)
  // The pattern is that of a header's visible characters; the message must not show the value.
  if (token !== null && !/^[\x21-\x7e]+$/u.test(token)) throw new Error('the token holds characters that no token has')
  const redact = createRedaction(token)
  const observe = options.onRequest ?? (() => undefined)
  const transport = createTransport({
    apiUrl,
    clock,
    fetch: options.fetch ?? fetch,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    onRequest: (entry) => observe(redactDeep(entry, redact)),
  })
  const octokitOptions = { apiUrl, token, clock, userAgent: options.userAgent ?? 'orch' }
  const requests = createRequests({
    apiUrl,
    hasToken: token !== null,
    paced: createOctokit({ ...octokitOptions, writeSpacingMs: options.writeSpacingMs ?? 750 }),
    unpaced: createOctokit({ ...octokitOptions, writeSpacingMs: 0 }),
    transport,
    clock,
    random: options.random ?? Math.random,
    concurrency: options.concurrency ?? 10,
  })
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
    listRuns: (query) => tell(listRuns(requests, readTokenLogin, query)),
    serverTime: transport.serverTime,
    explainFailure: (repo, run) => tell(explainFailure({ requests, transport }, repo, run)),
    cancelRun: (repo, runId, how) => tell(cancelRun(requests, repo, runId, how)),
    postStatus: (post, how, beforeSend) => tell(postStatus(requests, post, how, beforeSend)),
    listStatuses: (query) => tell(listStatuses(requests, query)),
  }
}

/** Without a slash at the end: Octokit appends paths that begin with one. */
function readApiUrl(text: string): string {
  return new URL(text).href.replace(/\/+$/u, '')
}
