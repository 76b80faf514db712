import type { GitHub } from '../ports/github.js'
import { readCommitRun } from './commit-run.js'
import { createDispatch } from './dispatch.js'
import { readEarlierStatuses } from './earlier-heads.js'
import { explainFailure } from './explain-failure.js'
import { findRuns, listRuns } from './find-runs.js'
import { readMatchingPullRequests, readPullRequest } from './pull-requests.js'
import { readRepository } from './read-change.js'
import { createRedaction, redactDeep } from './redaction.js'
import { listBranches } from './refs.js'
import { createRequesting, type RequestingOptions } from './requesting.js'
import { cancelRun, readRun, rerunFailedJobs } from './runs.js'
import { listStatuses, postStatus } from './statuses.js'
import { createTokenLogin } from './token-login.js'

export type GitHubOptions = RequestingOptions

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
  const { requests, transport } = createRequesting({ ...options, apiUrl }, redact)
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
    readCommitRun: (repo, runId) => tell(readCommitRun(requests, repo, runId)),
    login: () => tell(readTokenLogin('')),
    findRuns: (search) => tell(findRuns(requests, readTokenLogin, search)),
    listRuns: (query) => tell(listRuns(requests, readTokenLogin, query)),
    serverTime: transport.serverTime,
    explainFailure: (repo, run) => tell(explainFailure({ requests, transport }, repo, run)),
    rerunFailedJobs: (repo, runId, beforeSend) => tell(rerunFailedJobs(requests, repo, runId, beforeSend)),
    readEarlierStatuses: (query) =>
      tell(
        Promise.all(
          query.repositories.map(async (each) => ({
            repo: each.repo,
            read: await readEarlierStatuses(requests, query, each),
          })),
        ),
      ),
    cancelRun: (repo, runId, how) => tell(cancelRun(requests, repo, runId, how)),
    postStatus: (post, how, beforeSend) => tell(postStatus(requests, post, how, beforeSend)),
    listStatuses: (query) => tell(listStatuses(requests, query)),
  }
}

/** Without a slash at the end: Octokit appends paths that begin with one. */
function readApiUrl(text: string): string {
  return new URL(text).href.replace(/\/+$/u, '')
}
