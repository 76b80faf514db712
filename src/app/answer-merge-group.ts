import { matchesBranches } from '../model/branch-pattern.js'
import type { CommitStatus, StatusState } from '../model/change.js'
import type { ChangeStatus } from '../model/change-status.js'
import type { Failure } from '../model/failure.js'
import type { Graph } from '../model/graph.js'
import type { RepoName } from '../model/repo-name.js'
import { composeDescription } from '../model/status-description.js'
import type { Host } from '../ports/host/host.js'
import { passedText } from './pass-pull-request.js'
import { readStatus } from './read-status.js'

export interface AnswerMergeGroupOptions {
  host: Host
  graph: Graph
  repo: RepoName
  /** The commit of the merge queue. */
  headSha: string
  /** The pull request at the end of the group. */
  number: number
  /** The page that the status links to. */
  linkTo: (branch: string) => string
}

/** `answered`: the status of the commit is this one. `ignored`: the pull request belongs to no change. `failed`: it is not known, or not posted. */
export type AnswerMergeGroupResult =
  | { kind: 'answered'; state: StatusState; branch: string | null }
  | { kind: 'ignored' }
  | { kind: 'failed'; failure: Failure }

/** Posts the verdict for a change on the commit that a merge queue tests. Safe to repeat: it posts only what differs. */
export async function answerMergeGroup(options: AnswerMergeGroupOptions): Promise<AnswerMergeGroupResult> {
  const { host, graph, repo, number } = options
  const matches = (): boolean => true
  const [reading] = await host.readPullRequests({ repositories: [repo], statusContext: graph.statusContext, matches })
  if (!reading) throw new Error(`${repo} was left out`)
  if (!reading.read.ok) return { kind: 'failed', failure: reading.read.failure }
  const pullRequest = reading.read.value.find((each) => each.pullRequest.number === number)?.pullRequest
  if (!pullRequest || !matchesBranches(graph.branches, pullRequest.headRef)) return answerOther(options)
  const branch = pullRequest.headRef
  const { status } = await readStatus({ host, graph, branch })
  const verdict = verdictOf(status, branch)
  const failure = await post(options, { ...verdict, targetUrl: options.linkTo(branch) })
  return failure ? { kind: 'failed', failure } : { kind: 'answered', state: verdict.state, branch }
}

/** A pull request of no change, or a fork's: a merge queue that requires the status would wait for it in vain. */
async function answerOther(options: AnswerMergeGroupOptions): Promise<AnswerMergeGroupResult> {
  if (options.graph.otherPullRequests !== 'pass') return { kind: 'ignored' }
  const answer = { state: 'success', description: passedText, targetUrl: '' } as const
  const failure = await post(options, answer)
  return failure ? { kind: 'failed', failure } : { kind: 'answered', state: answer.state, branch: null }
}

interface Verdict {
  state: StatusState
  description: string
}

/** Success for a green set, failure for one that a build failed in; pending for one that is locked or held. */
function verdictOf({ verdict, repositories }: ChangeStatus, branch: string): Verdict {
  const statuses: CommitStatus[] = repositories.flatMap((row) => {
    return row.kind === 'member' && row.pullRequests.length > 0 && row.status ? [row.status] : []
  })
  const [first] = statuses
  if (verdict === 'green' && first) return { state: 'success', description: first.description }
  const failed = statuses.find(({ state }) => state === 'failure' || state === 'error')
  if (failed) return { state: 'failure', description: failed.description }
  return {
    state: 'pending',
    description: composeDescription(branch, 'is locked: the merge queue waits until it is green'),
  }
}

/** Null: the commit has this status now. */
async function post(
  { host, graph, repo, headSha }: AnswerMergeGroupOptions,
  status: Verdict & { targetUrl: string },
): Promise<Failure | null> {
  const context = graph.statusContext
  const newest = await host.listStatuses({ repo, headSha, context, newestOnly: true })
  if (!newest.ok) return newest.failure
  const [current] = newest.value
  if (current?.state === status.state && current.description === status.description) return null
  const result = await host.postStatus({ repo, headSha, context, ...status }, { urgent: true }, () =>
    Promise.resolve(true),
  )
  if (result.kind === 'withheld') throw new Error('nothing withholds it')
  return result.kind === 'posted' ? null : result.failure
}
