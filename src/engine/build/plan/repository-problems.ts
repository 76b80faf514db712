import { builtWithoutBranch } from '../../../model/build/commit-to-build.js'
import type { PullRequest, RepositoryRead } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import type { Graph } from '../../../model/graph.js'
import { repoKey } from '../../../model/repo-name.js'
import type { PlanProblem } from './plan-problem.js'

/** A repository that could not be read, so that it is not known whether it has the branch. */
export function unreadableProblem({ repo, failure }: { repo: string; failure: Failure }): PlanProblem {
  const remedy = failure.remedy ?? 'Every repository must be readable. Try again when this one is.'
  return { kind: 'unreadable', repo, message: `${repo} could not be read: ${failure.message}`, remedy, failure }
}

/** The problems of the repositories themselves: an archived repository, or a head that another pull request shares. */
export function repositoryProblems(
  { graph, postStatus }: { graph: Graph; postStatus: boolean },
  readings: readonly RepositoryRead[],
): PlanProblem[] {
  const problems: PlanProblem[] = []
  const built = builtWithoutBranch(graph)
  for (const reading of readings) {
    const { repo, isArchived, headSha, defaultBranch } = reading
    if (headSha === null && !built.has(repoKey(repo))) continue
    if (isArchived) {
      const message =
        headSha === null
          ? `${defaultBranch} of ${repo} is to be built, but the repository is archived, so nothing can run in it`
          : `${repo} has the branch but is archived, so nothing can run or be merged in it`
      problems.push({
        kind: 'repository',
        repo,
        message,
        remedy: 'Unarchive it, or take its job out of the graph file.',
        failure: null,
      })
    }
    const shared = reading.sameHead.find(({ isFork }) => !isFork)
    // Without a pull request of the change no status is posted that could unlock the other pull request.
    if (shared && postStatus && reading.pullRequests.length > 0)
      problems.push(sharedProblem(repo, reading.headSha ?? '', shared))
  }
  return problems
}

function sharedProblem(repo: string, headSha: string, shared: PullRequest): PlanProblem {
  return {
    kind: 'head-shared',
    repo,
    message: `${repo}#${shared.number} of branch ${shared.headRef} has the same head commit ${headSha.slice(0, 7)}, and a status counts for both`,
    remedy: 'Push an empty commit to one of the two branches (git commit --allow-empty), or run with --no-status.',
    failure: null,
  }
}
