import { matchesBranches } from '../../model/branch-pattern.js'
import type { CommitStatus } from '../../model/change.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import type { InvalidatedPullRequest, Invalidation } from '../../model/invalidation.js'
import type { EarlierHeads } from '../../model/build/state/verification.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { describeStatus, readStatusMark } from '../../model/status-description.js'
import type { PullRequestWithStatus } from '../../ports/host/changes.js'
import type { Host } from '../../ports/host/host.js'
import { knownHeads, lockEarlierHeads, lockTries } from './verify/lock-earlier-heads.js'

export interface InvalidateRequest {
  id: string
  /** null selects every branch that matches the graph's `branches`. */
  branch: string | null
  reason: string
  /** The target URL of the statuses. */
  link: string
  isDryRun: boolean
  /** Heads that received a success of ours before, known from journals. */
  earlierHeads: readonly { repo: RepoName; headSha: string }[]
}

/** Whether the newest status is already the `pending` of an invalidation, so that another post would change nothing. */
function isInvalidated(status: CommitStatus | null): boolean {
  return status?.state === 'pending' && readStatusMark(status.description)?.writer === 'inv'
}

/**
 * Resets the context to `pending` on the open pull requests of the changes, so that none of them can be merged alone.
 * A failure does not stop the others: the result holds the outcome of each pull request.
 */
export async function invalidate(github: Host, graph: Graph, request: InvalidateRequest): Promise<Invalidation> {
  const matches = (headRef: string): boolean =>
    request.branch === null ? matchesBranches(graph.branches, headRef) : headRef === request.branch
  const repositories = repositoriesOf(graph)
  const readings = await github.readPullRequests({ repositories, statusContext: graph.statusContext, matches })
  const results = await Promise.all(
    readings.map(async ({ repo, read }) =>
      read.ok ? invalidateRepository(github, graph, request, repo, read.value) : [],
    ),
  )
  const pullRequests = results.flat()
  const earlierHeads = request.isDryRun ? noHeads : await lockEarlier(github, graph, request, pullRequests)
  return {
    id: request.id,
    branch: request.branch,
    reason: request.reason,
    isDryRun: request.isDryRun,
    noLockReason: null,
    pullRequests,
    unreadable: readings.flatMap(({ repo, read }) => (read.ok ? [] : [{ repo, failure: read.failure }])),
    earlierHeads,
  }
}

const noHeads: EarlierHeads = { locked: [], failures: [] }

/** Locks one branch at a time, because the earlier heads of a branch do not concern the other branches. */
async function lockEarlier(
  github: Host,
  { statusContext }: Graph,
  { id, reason, link, earlierHeads }: InvalidateRequest,
  found: readonly InvalidatedPullRequest[],
): Promise<EarlierHeads> {
  const branches = new Map<string, Set<RepoName>>()
  for (const { repo, pullRequest } of found) {
    branches.set(pullRequest.headRef, (branches.get(pullRequest.headRef) ?? new Set()).add(repo))
  }
  const results = await Promise.all(
    [...branches].map(([branch, repos]) =>
      lockEarlierHeads(github, {
        branch,
        statusContext,
        repositories: [...repos].map((repo) => ({ repo, known: knownHeads(earlierHeads, repo) })),
        description: describeStatus({ writer: 'inv', id }, reason),
        link,
      }),
    ),
  )
  return { locked: results.flatMap(({ locked }) => locked), failures: results.flatMap(({ failures }) => failures) }
}

/** A status belongs to a commit, so pull requests that share a head get one post. */
async function invalidateRepository(
  github: Host,
  graph: Graph,
  request: InvalidateRequest,
  repo: string,
  found: readonly PullRequestWithStatus[],
): Promise<InvalidatedPullRequest[]> {
  const results = new Map<string, Promise<InvalidatedPullRequest['result']>>()
  for (const { pullRequest, status } of found) {
    const key = `${repoKey(repo)}@${pullRequest.headSha}`
    if (!results.has(key)) results.set(key, invalidateHead(github, graph, request, repo, pullRequest.headSha, status))
  }
  return Promise.all(
    found.map(async ({ pullRequest }) => {
      const result = await results.get(`${repoKey(repo)}@${pullRequest.headSha}`)
      if (!result) throw new Error(`${repo}#${pullRequest.number} was left out`)
      return { repo, pullRequest, result }
    }),
  )
}

async function invalidateHead(
  github: Host,
  graph: Graph,
  { id, reason, link, isDryRun }: InvalidateRequest,
  repo: string,
  headSha: string,
  status: CommitStatus | null,
): Promise<InvalidatedPullRequest['result']> {
  if (isInvalidated(status)) return { kind: 'unchanged' }
  if (isDryRun) return { kind: 'planned' }
  const description = describeStatus({ writer: 'inv', id }, reason)
  const post = { repo, headSha, context: graph.statusContext, state: 'pending' as const, description, targetUrl: link }
  const result = await github.postStatus(post, { urgent: false, maxTries: lockTries }, () => Promise.resolve(true))
  if (result.kind === 'withheld') throw new Error('an invalidation is never withheld')
  return result.kind === 'posted' ? { kind: 'invalidated' } : { kind: 'failed', failure: result.failure }
}
