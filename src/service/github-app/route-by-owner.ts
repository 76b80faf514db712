import type { HookOwner, Hooks } from '../../ports/host/hooks.js'
import { splitRepo, type RepoName } from '../../model/repo-name.js'
import type { GitHub } from '../../github/github.js'

/** The hosts of the owners of a graph. */
export interface OwnerHosts {
  /** The host that reads and writes the repositories of an owner. */
  of: (owner: string) => GitHub
  /** All hosts, for what concerns no repository. */
  all: () => readonly GitHub[]
  /** Reads the webhook of the App itself. */
  app: Hooks
}

/** One host for the repositories of several owners: each call goes to the host of its repository. */
export function routeByOwner(hosts: OwnerHosts): GitHub {
  const at = (repo: RepoName): GitHub => hosts.of(splitRepo(repo).owner)
  const hostOf = (owner: HookOwner): Hooks => {
    if (owner.kind === 'app') return hosts.app
    return owner.kind === 'organization' ? hosts.of(owner.login) : at(owner.repo)
  }
  return {
    readChange: (query) =>
      byOwner(
        hosts,
        query.repositories,
        ({ repo }) => repo,
        (host, repositories) => host.readChange({ ...query, repositories }),
      ),
    readPullRequests: (query) =>
      byOwner(
        hosts,
        query.repositories,
        (repo) => repo,
        (host, repositories) => host.readPullRequests({ ...query, repositories }),
      ),
    readEarlierStatuses: (query) =>
      byOwner(
        hosts,
        query.repositories,
        ({ repo }) => repo,
        (host, repositories) => host.readEarlierStatuses({ ...query, repositories }),
      ),
    readPullRequest: (repo, number) => at(repo).readPullRequest(repo, number),
    readEndedPullRequests: (repo, branch) => at(repo).readEndedPullRequests(repo, branch),
    readWorkflowState: (repo, workflow) => at(repo).readWorkflowState(repo, workflow),
    listWorkflowFiles: (repo, sha) => at(repo).listWorkflowFiles(repo, sha),
    listBranches: (repo, prefix) => at(repo).listBranches(repo, prefix),
    login: (repo) => at(repo).login(repo),
    dispatch: (request, beforeSend) => at(request.repo).dispatch(request, beforeSend),
    readRun: (repo, runId, options) => at(repo).readRun(repo, runId, options),
    readPendingDeployments: (repo, runId) => at(repo).readPendingDeployments(repo, runId),
    noteDelivery: (repo, runId) => at(repo).noteDelivery(repo, runId),
    nextReadingAt: (run) => at(run.repo).nextReadingAt(run),
    readCommitRun: (repo, runId) => at(repo).readCommitRun(repo, runId),
    findRuns: (search) => at(search.repo).findRuns(search),
    listRuns: (query) => at(query.repo).listRuns(query),
    serverTime: () => latest(hosts.all().map((host) => host.serverTime())),
    explainFailure: (repo, run) => at(repo).explainFailure(repo, run),
    cancelRun: (repo, runId, options) => at(repo).cancelRun(repo, runId, options),
    rerunFailedJobs: (repo, runId, beforeSend) => at(repo).rerunFailedJobs(repo, runId, beforeSend),
    postStatus: (post, options, beforeSend) => at(post.repo).postStatus(post, options, beforeSend),
    listStatuses: (query) => at(query.repo).listStatuses(query),
    readPermission: (repo, login) => at(repo).readPermission(repo, login),
    listComments: (repo, number) => at(repo).listComments(repo, number),
    createComment: (comment) => at(comment.repo).createComment(comment),
    updateComment: (comment) => at(comment.repo).updateComment(comment),
    react: (reaction) => at(reaction.repo).react(reaction),
    readPullRequestHead: (repo, number) => at(repo).readPullRequestHead(repo, number),
    listHooks: (owner) => hostOf(owner).listHooks(owner),
    listHookDeliveries: (hook, since) => hostOf(hook.owner).listHookDeliveries(hook, since),
    readHookPayload: (hook, deliveryId) => hostOf(hook.owner).readHookPayload(hook, deliveryId),
    sendEvent: (event, beforeSend) => at(event.repo).sendEvent(event, beforeSend),
    checkEventTarget: (repo) => at(repo).checkEventTarget(repo),
    readEnabledWorkflows: (repo) => at(repo).readEnabledWorkflows(repo),
    createCheckRun: (run) => at(run.repo).createCheckRun(run),
    updateCheckRun: (run) => at(run.repo).updateCheckRun(run),
    mayPostStatuses: (repo) => at(repo).mayPostStatuses(repo),
    mayDispatch: (repo, workflow) => at(repo).mayDispatch(repo, workflow),
    readAppId: (repo, slug) => at(repo).readAppId(repo, slug),
    readBranchRules: (repo, branch) => at(repo).readBranchRules(repo, branch),
    readBypassActors: (repo, rulesetId) => at(repo).readBypassActors(repo, rulesetId),
    allowsAutoMerge: (repo) => at(repo).allowsAutoMerge(repo),
    readServer: (repo) => at(repo).readServer(repo),
    readWorkflowTexts: (repo) => at(repo).readWorkflowTexts(repo),
    findStatusRuleset: (repo, ruleset) => at(repo).findStatusRuleset(repo, ruleset),
    createStatusRuleset: (repo, ruleset) => at(repo).createStatusRuleset(repo, ruleset),
    deleteRuleset: (repo, id) => at(repo).deleteRuleset(repo, id),
    createBranch: (repo, branch, sha) => at(repo).createBranch(repo, branch, sha),
    deleteBranch: (repo, branch) => at(repo).deleteBranch(repo, branch),
    addFile: (file) => at(file.repo).addFile(file),
    removeFile: (file) => at(file.repo).removeFile(file),
    openPullRequest: (pull) => at(pull.repo).openPullRequest(pull),
    closePullRequest: (repo, number) => at(repo).closePullRequest(repo, number),
  }
}

/** Asks each owner's host about its items, side by side. The answers are in the order of the items, one for each. */
async function byOwner<Item, Answer>(
  hosts: OwnerHosts,
  items: readonly Item[],
  repoOf: (item: Item) => RepoName,
  ask: (host: GitHub, items: Item[]) => Promise<Answer[]>,
): Promise<Answer[]> {
  const indexes = new Map<string, number[]>()
  items.forEach((item, index) => {
    const owner = splitRepo(repoOf(item)).owner.toLowerCase()
    const known = indexes.get(owner)
    if (known) known.push(index)
    else indexes.set(owner, [index])
  })
  const answers: Answer[] = []
  const ofOwner = async ([owner, at]: [string, number[]]): Promise<void> => {
    const answered = await ask(
      hosts.of(owner),
      at.flatMap((index) => items.slice(index, index + 1)),
    )
    if (answered.length !== at.length) throw new Error(`${answered.length} answers about ${at.length} repositories`)
    at.forEach((index, position) => {
      answers[index] = answered[position] as Answer
    })
  }
  await Promise.all([...indexes].map(ofOwner))
  return answers
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}
