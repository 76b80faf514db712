import { assertNever } from '../../lib/assert-never.js'
import type { PullRequest } from '../../model/change.js'
import type { Finding, Orchestration, PostRound, PostState } from '../../model/build/orchestration.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { harmless } from '../../lib/sanitize.js'

/**
 * What became of a pull request: `unlocked` carries our success, `locked` our pending, failure or error; `merged` meanwhile;
 * `left-alone`: somebody else's status came after ours; `unclear`: the last post failed or its answer never came;
 * `untouched`: no status was written.
 */
export type Fate = 'unlocked' | 'locked' | 'merged' | 'left-alone' | 'unclear' | 'untouched'

export interface PullRequestFate {
  repo: RepoName
  headSha: string
  pullRequest: PullRequest
  fate: Fate
  /** One clause for a reader, harmless. */
  detail: string
}

/** The latest round of a head, as far as there was one. */
const rounds: PostRound[] = ['revoke', 'closing', 'success', 'claim']

/** Every finding of the latest readings. */
export function findingsOf(orchestration: Orchestration): Finding[] {
  const { 'while-building': early, ...later } = orchestration.verifications
  const readings = Object.values(later)
  // What was read while building is read again before anything is unlocked.
  return (readings.length > 0 || !early ? readings : [early]).flatMap(({ result }) => {
    if (result.kind === 'unchanged') return [...result.merged]
    return result.kind === 'moved' ? [...result.findings] : []
  })
}

function fateOfPost(round: PostRound, post: PostState): { fate: Fate; detail: string } {
  const wanted = round === 'success' ? 'unlock it' : 'lock it'
  switch (post.phase) {
    case 'posted':
      return post.status.state === 'success'
        ? { fate: 'unlocked', detail: '' }
        : { fate: 'locked', detail: post.status.state }
    case 'withheld':
      return { fate: 'left-alone', detail: harmless(post.reason) }
    case 'failed':
      return { fate: 'unclear', detail: `could not ${wanted}: ${harmless(post.failure.message)}` }
    case 'requested':
      return { fate: 'unclear', detail: `no answer to the request to ${wanted}` }
    default:
      return assertNever(post)
  }
}

function fateOfTarget(orchestration: Orchestration, repo: RepoName): { fate: Fate; detail: string } {
  const merged = findingsOf(orchestration).find(
    (finding) => finding.kind === 'pull-request-merged' && repoKey(finding.repo) === repoKey(repo),
  )
  if (merged) return { fate: 'merged', detail: harmless(merged.message) }
  const posts = orchestration.posts.get(repoKey(repo)) ?? {}
  for (const round of rounds) {
    const post = posts[round]
    if (post) return fateOfPost(round, post)
  }
  if (orchestration.plan.isUnlocked === true) return { fate: 'unlocked', detail: 'before' }
  return { fate: 'untouched', detail: orchestration.options.postStatus ? 'no status was written' : 'as asked for' }
}

/** Every pull request that the orchestration was to unlock, in the plan's order. */
export function pullRequestFates(orchestration: Orchestration): PullRequestFate[] {
  return orchestration.plan.targets.flatMap(({ repo, headSha, pullRequests }) => {
    const fate = fateOfTarget(orchestration, repo)
    return pullRequests.map((pullRequest) => ({ repo, headSha, pullRequest, ...fate }))
  })
}
