import { assertNever } from '../../lib/assert-never.js'
import type { PullRequest } from '../../model/change.js'
import type { PullRequestOutcome } from '../../model/build/pull-request-outcome.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { PostRound, PostState } from '../../model/build/state/post-state.js'
import type { Finding } from '../../model/build/state/verification.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { sanitize } from '../../lib/sanitize.js'

/** A pull request of the change and what the orchestration did to it. */
export interface PullRequestResult {
  repo: RepoName
  headSha: string
  pullRequest: PullRequest
  outcome: PullRequestOutcome
  /** One clause, sanitized; empty if there is nothing to add. */
  detail: string
}

/** The latest round first. */
const latestFirst: PostRound[] = ['revoke', 'closing', 'success', 'claim']

/** The findings of the latest readings. */
export function findingsOf(orchestration: Orchestration): Finding[] {
  const { 'while-building': early, ...later } = orchestration.verifications
  const readings = Object.values(later)
  // The readings before and after unlocking replace those made while building.
  return (readings.length > 0 || !early ? readings : [early]).flatMap(({ result }) => {
    if (result.kind === 'unchanged' || result.kind === 'blocked') return [...result.merged]
    return result.kind === 'moved' ? [...result.findings] : []
  })
}

function outcomeOfPost(round: PostRound, post: PostState): { outcome: PullRequestOutcome; detail: string } {
  const wanted = round === 'success' ? 'unlock it' : 'lock it'
  switch (post.phase) {
    case 'posted':
      return post.status.state === 'success'
        ? { outcome: 'unlocked', detail: '' }
        : { outcome: 'locked', detail: post.status.state }
    case 'withheld':
      return { outcome: 'left-alone', detail: sanitize(post.reason) }
    case 'failed':
      return { outcome: 'unclear', detail: `could not ${wanted}: ${sanitize(post.failure.message)}` }
    case 'requested':
      return { outcome: 'unclear', detail: `no answer to the request to ${wanted}` }
    default:
      return assertNever(post)
  }
}

function outcomeOfTarget(
  orchestration: Orchestration,
  repo: RepoName,
): { outcome: PullRequestOutcome; detail: string } {
  const merged = findingsOf(orchestration).find(
    (finding) => finding.kind === 'pull-request-merged' && repoKey(finding.repo) === repoKey(repo),
  )
  if (merged) return { outcome: 'merged', detail: sanitize(merged.message) }
  const posts = orchestration.posts.get(repoKey(repo)) ?? {}
  for (const round of latestFirst) {
    const post = posts[round]
    if (post) return outcomeOfPost(round, post)
  }
  if (orchestration.plan.isUnlocked === true) return { outcome: 'unlocked', detail: 'before' }
  return { outcome: 'untouched', detail: orchestration.options.postStatus ? 'no status was written' : 'as requested' }
}

/** Every pull request that the orchestration should unlock, in the plan's order. */
export function pullRequestResults(orchestration: Orchestration): PullRequestResult[] {
  return orchestration.plan.targets.flatMap(({ repo, headSha, pullRequests }) => {
    const result = outcomeOfTarget(orchestration, repo)
    return pullRequests.map((pullRequest) => ({ repo, headSha, pullRequest, ...result }))
  })
}
