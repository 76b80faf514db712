import { matchesBranches } from '../model/branch-pattern.js'
import type { Failure } from '../model/failure.js'
import { isAuthFailure } from '../model/failure.js'
import type { Graph } from '../model/graph.js'
import { repositoriesOf } from '../model/graph.js'
import type { PassResult } from '../model/passed.js'
import { repoKey } from '../model/repo-name.js'
import type { RepoName } from '../model/repo-name.js'
import type { Host } from '../ports/host/host.js'
import type { Read } from '../ports/host/read.js'

/** The description of the success on a pull request that belongs to no change. */
export const passedText = 'not a coordinated change'

export interface PassPullRequestOptions {
  host: Host
  graph: Graph
  repo: RepoName
  number: number
  /** The page that the status links to. */
  link: string
}

/** Posts success on a pull request that belongs to no change, so that a rule that requires the status does not block it. */
export async function passPullRequest(options: PassPullRequestOptions): Promise<PassResult> {
  const { host, graph, repo, number } = options
  if (!repositoriesOf(graph).some((each) => repoKey(each) === repoKey(repo))) return { kind: 'other-repository' }
  const read = await host.readPullRequest(repo, number)
  if (!read.ok) return failed(read.failure)
  const { state, headSha } = read.value
  if (state !== 'open') return { kind: 'closed' }
  const refused = await whyRefused(options, headSha)
  if (refused) return refused
  const newest = await host.listStatuses({ repo, headSha, context: graph.statusContext, newestOnly: true })
  if (!newest.ok) return failed(newest.failure)
  const [status] = newest.value
  if (status?.state === 'success' && status.description === passedText) return { kind: 'unchanged', headSha }
  const posted = await post(options, headSha, { state: 'success', description: passedText })
  if (posted) return posted
  // A pull request of a change may have been opened at this commit since the first reading.
  const late = await whyRefused(options, headSha)
  if (late === null) return { kind: 'passed', headSha }
  const revoked = await post(options, headSha, { state: 'pending', description: `no longer ${passedText}` })
  return revoked ?? late
}

/** Why the pull request must not be passed; null: it may be. */
async function whyRefused(
  { host, graph, repo, number }: PassPullRequestOptions,
  headSha: string,
): Promise<PassResult | null> {
  const matches = (headRef: string): boolean => matchesBranches(graph.branches, headRef)
  const [reading] = await host.readPullRequests({ repositories: [repo], statusContext: graph.statusContext, matches })
  const read: Read<{ pullRequest: { number: number; headRef: string; headSha: string } }[]> | undefined = reading?.read
  if (!read) throw new Error(`${repo} was left out`)
  if (!read.ok) return failed(read.failure)
  const ofChanges = read.value.map(({ pullRequest }) => pullRequest)
  const itself = ofChanges.find((each) => each.number === number)
  if (itself) return { kind: 'coordinated', headSha, branch: itself.headRef }
  const other = ofChanges.find((each) => each.headSha === headSha)
  return other ? { kind: 'shared-head', headSha, other: other.number } : null
}

/** Null: it was posted. */
async function post(
  { host, graph, repo, link }: PassPullRequestOptions,
  headSha: string,
  status: { state: 'success' | 'pending'; description: string },
): Promise<PassResult | null> {
  const { statusContext: context } = graph
  const result = await host.postStatus({ repo, headSha, context, targetUrl: link, ...status }, { urgent: false }, () =>
    Promise.resolve(true),
  )
  if (result.kind === 'withheld') throw new Error('nothing withholds it')
  return result.kind === 'posted' ? null : failed(result.failure)
}

function failed(failure: Failure): PassResult {
  return { kind: isAuthFailure(failure) ? 'auth' : 'failed', failure }
}
