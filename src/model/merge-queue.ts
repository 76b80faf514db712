import { listed } from '../lib/listed.js'
import type { PullRequest } from './change.js'
import type { RepoName } from './repo-name.js'

/** The open pull requests of the change in one repository. */
interface OpenPullRequests {
  repo: RepoName
  pullRequests: readonly PullRequest[]
}

/**
 * What a merge queue means for the merge of these pull requests; null: none of them goes through one. The queue waits for the required
 * statuses on a commit of its own, not on the head of the pull request.
 */
export function mergeQueueNote(members: readonly OpenPullRequests[], statusContext: string): string | null {
  const names = members.flatMap(({ repo, pullRequests }) =>
    pullRequests
      .filter(({ hasMergeQueue }) => hasMergeQueue === true)
      .map(({ number, baseRef }) => `${repo}#${number} into ${baseRef}`),
  )
  if (names.length === 0) return null
  const merges = names.length === 1 ? 'this merge' : 'these merges'
  return (
    `a merge queue performs ${merges}: ${listed(names)}. It waits for ${statusContext} on a commit of its own ` +
    '(gh-readonly-queue/...), where only the service posts it: see "Merge queues" in docs/github-setup.md'
  )
}
