import type { Access } from '../ports/host/access.js'
import type { Checks } from '../ports/host/checks.js'
import type { Comments } from '../ports/host/comments.js'
import type { EndedPullRequests } from '../ports/host/ended-pull-requests.js'
import type { Events } from '../ports/host/events.js'
import type { Hooks } from '../ports/host/hooks.js'
import type { Host } from '../ports/host/host.js'
import type { People } from '../ports/host/people.js'
import type { Rules } from '../ports/host/rules.js'
import type { Server } from '../ports/host/server.js'
import type { Setup } from '../ports/host/setup.js'
import type { WorkflowTexts } from '../ports/host/workflow-texts.js'
import { probeDispatch, probeStatuses, readAppId } from './access/probe.js'
import { createChangeReader } from './change/change-reader.js'
import { createCheckRun, updateCheckRun } from './checks/check-runs.js'
import { createComment, listComments, react, readPullRequestHead, updateComment } from './comments/comments.js'
import { checkEventTarget, readEnabledWorkflows } from './events/event-target.js'
import { sendEvent } from './events/send-event.js'
import { readPermission } from './people/permission.js'
import { readCommitRun } from './runs/commit-run.js'
import { createDispatch } from './runs/dispatch.js'
import { explainFailure } from './runs/explain-failure.js'
import { findRuns, listRuns } from './runs/find-runs.js'
import { createChunkSize } from './graphql/chunks.js'
import { createGraphQLEndpoint } from './graphql/endpoint.js'
import { readEndedPullRequests, readPullRequest } from './change/pull-requests.js'
import { createRedaction, redactDeep } from '../lib/redaction.js'
import { listBranches } from './change/refs.js'
import { listWorkflowFiles, readWorkflowState, readWorkflowTexts } from './change/workflow-files.js'
import { createRequesting, type RequestingOptions } from './api/requesting.js'
import { readPendingDeployments } from './runs/pending-deployments.js'
import { listHookDeliveries, listHooks, readHookPayload } from './hooks/hooks.js'
import { readAutoMerge } from './rules/auto-merge.js'
import { readBranchRules } from './rules/branch-rules.js'
import { readBypassActors } from './rules/bypass-actors.js'
import { createRunPoller } from './runs/run-poller.js'
import { cancelRun, rerunFailedJobs } from './runs/runs.js'
import { readServer } from './server/read-server.js'
import {
  addFile,
  closePullRequest,
  createBranch,
  deleteBranch,
  openPullRequest,
  removeFile,
} from './setup/branch-files.js'
import { createStatusRuleset, deleteRuleset, findStatusRuleset } from './setup/rulesets.js'
import { createReplicaLag } from './change/replica-lag.js'
import { listStatuses, postStatus } from './change/statuses.js'
import { createTokenLogin } from './api/token-login.js'

export interface GitHubOptions extends RequestingOptions {
  /** Called once, with the reason, if the server or the token has no GraphQL: from then on the REST API is used. */
  onGraphQLRefused?: (reason: string) => void
  /** The login that the token acts as, where it is known before. Absent: it is read. */
  login?: string
}

/** All that this adapter offers. */
export type GitHub = Host &
  People &
  Comments &
  Checks &
  EndedPullRequests &
  Hooks &
  Events &
  Access &
  Rules &
  Server &
  Setup &
  WorkflowTexts

/**
 * GitHub over its GraphQL and REST APIs. Throws at once on an invalid address. A token goes to the origin of `apiUrl` only, and into no
 * result, error or entry; requests in flight while the provider replaces it keep the one that they were sent with.
 */
export function createGitHub(options: GitHubOptions): GitHub {
  const apiUrl = readApiUrl(options.apiUrl)
  const redaction = createRedaction()
  const { redact } = redaction
  const { requests, transport, tokens, allowances } = createRequesting({ ...options, apiUrl }, redaction)
  const dispatch = createDispatch(requests)
  const seen = createReplicaLag(options.clock)
  const endpoint = createGraphQLEndpoint(requests, (reason) => options.onGraphQLRefused?.(redact(reason)))
  const tokenLogin = createTokenLogin({ requests, endpoint, tokens, known: options.login })
  const poller = createRunPoller({ requests, endpoint, clock: options.clock, allowances })
  const reader = createChangeReader(
    {
      requests,
      endpoint,
      sizes: {
        files: createChunkSize(50),
        plain: createChunkSize(100),
        heads: createChunkSize(100),
        branches: createChunkSize(100),
      },
      sees: { runs: true, viewer: true },
      noteLogin: tokenLogin.note,
      seen,
    },
    options.clock,
  )
  // Every result passes through here and is redacted.
  const redacted = async <T>(work: Promise<T>): Promise<T> => redactDeep(await work, redact)
  return {
    readChange: (query) => redacted(reader.readChange(query)),
    readPullRequests: (query) => redacted(reader.readPullRequests(query)),
    readEarlierStatuses: (query) => redacted(reader.readEarlierStatuses(query)),
    readPullRequest: (repo, number) => redacted(readPullRequest(requests, repo, number)),
    readEndedPullRequests: (repo, branch) => redacted(readEndedPullRequests(requests, repo, branch)),
    readWorkflowState: (repo, workflow) => redacted(readWorkflowState(requests, repo, workflow)),
    listWorkflowFiles: (repo, sha) => redacted(listWorkflowFiles(requests, repo, sha)),
    listBranches: (repo, prefix) => redacted(listBranches(requests, repo, prefix)),
    dispatch: async (request, beforeSend) => {
      const result = await redacted(dispatch(request, beforeSend))
      if (result.kind === 'accepted') poller.expect(result.runId)
      return result
    },
    readRun: (repo, runId, options) =>
      redacted(
        options?.withAttempt === false ? poller.readShared(repo, runId, options.headSha) : poller.read(repo, runId),
      ),
    readPendingDeployments: (repo, runId) => redacted(readPendingDeployments(requests, repo, runId)),
    noteDelivery: (_repo, runId) => poller.noteDelivery(runId),
    nextReadingAt: poller.nextReadingAt,
    readCommitRun: (repo, runId) => redacted(readCommitRun(requests, repo, runId)),
    findRuns: (search) => redacted(findRuns(requests, tokenLogin.read, search)),
    listRuns: (query) => redacted(listRuns(requests, tokenLogin.read, query)),
    serverTime: transport.serverTime,
    explainFailure: (repo, run) => redacted(explainFailure({ requests, transport }, repo, run)),
    rerunFailedJobs: (repo, runId, beforeSend) => {
      poller.expect(runId)
      return redacted(rerunFailedJobs(requests, repo, runId, beforeSend))
    },
    cancelRun: (repo, runId, how) => {
      poller.expect(runId)
      return redacted(cancelRun(requests, repo, runId, how))
    },
    postStatus: async (post, how, beforeSend) => {
      const result = await postStatus(requests, post, how, beforeSend)
      if (result.kind === 'posted') seen.noteStatus(post.repo, post.headSha, result.status)
      return redacted(Promise.resolve(result))
    },
    listStatuses: (query) => redacted(listStatuses(requests, query)),
    login: (repo) => redacted(tokenLogin.read(repo)),
    readPermission: (repo, login) => redacted(readPermission(requests, repo, login)),
    listComments: (repo, number) => redacted(listComments(requests, repo, number)),
    createComment: (comment) => redacted(createComment(requests, comment)),
    updateComment: (comment) => redacted(updateComment(requests, comment)),
    react: (reaction) => redacted(react(requests, reaction)),
    readPullRequestHead: (repo, number) => redacted(readPullRequestHead(requests, repo, number)),
    listHooks: (owner) => redacted(listHooks(requests, owner)),
    listHookDeliveries: (hook, since) => redacted(listHookDeliveries(requests, hook, since)),
    readHookPayload: (hook, deliveryId) => redacted(readHookPayload(requests, hook, deliveryId)),
    sendEvent: (event, beforeSend) => redacted(sendEvent(requests, event, beforeSend)),
    checkEventTarget: (repo) => redacted(checkEventTarget(requests, tokenLogin.read, repo)),
    readEnabledWorkflows: (repo) => redacted(readEnabledWorkflows(requests, repo)),
    createCheckRun: (run) => redacted(createCheckRun(requests, run)),
    updateCheckRun: (run) => redacted(updateCheckRun(requests, run)),
    mayPostStatuses: (repo) => redacted(probeStatuses(requests, repo)),
    mayDispatch: (repo, workflow) => redacted(probeDispatch(requests, repo, workflow)),
    readAppId: (repo, slug) => redacted(readAppId(requests, repo, slug)),
    readBranchRules: (repo, branch) => redacted(readBranchRules(requests, repo, branch)),
    readBypassActors: (repo, rulesetId) => redacted(readBypassActors(requests, repo, rulesetId)),
    allowsAutoMerge: (repo) => redacted(readAutoMerge(endpoint, repo)),
    readServer: (repo) => redacted(readServer(requests, repo)),
    readWorkflowTexts: (repo) => redacted(readWorkflowTexts(requests, repo)),
    findStatusRuleset: (repo, ruleset) => redacted(findStatusRuleset(requests, repo, ruleset)),
    createStatusRuleset: (repo, ruleset) => redacted(createStatusRuleset(requests, repo, ruleset)),
    deleteRuleset: (repo, id) => redacted(deleteRuleset(requests, repo, id)),
    createBranch: (repo, branch, sha) => redacted(createBranch(requests, repo, branch, sha)),
    deleteBranch: (repo, branch) => redacted(deleteBranch(requests, repo, branch)),
    addFile: (file) => redacted(addFile(requests, file)),
    removeFile: (file) => redacted(removeFile(requests, file)),
    openPullRequest: (pull) => redacted(openPullRequest(requests, pull)),
    closePullRequest: (repo, number) => redacted(closePullRequest(requests, repo, number)),
  }
}

/** Without a slash at the end: Octokit appends paths that begin with one. */
function readApiUrl(text: string): string {
  return new URL(text).href.replace(/\/+$/u, '')
}
