import { matchesBranches } from '../model/branch-pattern.js'
import { createId } from '../model/build/orchestration-id.js'
import type { ListedStatus } from '../model/change.js'
import type { Failure } from '../model/failure.js'
import type { Graph } from '../model/graph.js'
import type { IsOwnStatus } from '../model/own-status.js'
import type { RepoName } from '../model/repo-name.js'
import { describeStatus } from '../model/status-description.js'
import type { Clock } from '../ports/clock.js'
import type { Host } from '../ports/host/host.js'

export interface RevokeForeignStatusOptions {
  host: Host
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  graph: Graph
  repo: RepoName
  headSha: string
  /** Whether a status of our context is ours. */
  isOwn: IsOwnStatus
  /** The page that the status links to. */
  linkTo: (branch: string) => string
}

/**
 * `revoked`: the success of somebody else on a locked head was put back to pending. `kept`: there is none, or the head was unlocked by us
 * before; `by` has posted the newest status, null: not somebody else.
 */
export type RevokeForeignStatusResult =
  | { kind: 'revoked'; branch: string; by: string }
  | { kind: 'kept'; by: string | null }
  | { kind: 'failed'; failure: Failure }

/** Puts a success of our context that somebody else posted on a locked head of a change back to pending (law 1). */
export async function revokeForeignStatus(options: RevokeForeignStatusOptions): Promise<RevokeForeignStatusResult> {
  const { host, clock, random, graph, repo, headSha, isOwn, linkTo } = options
  const context = graph.statusContext
  const history = await host.listStatuses({ repo, headSha, context })
  if (!history.ok)
    return history.failure.kind === 'not-found'
      ? { kind: 'kept', by: null }
      : { kind: 'failed', failure: history.failure }
  const isForeign = (status: ListedStatus): boolean => !isOwn(status)
  const [newest] = history.value
  if (!newest || !isForeign(newest)) return { kind: 'kept', by: null }
  const ours = history.value.find((status) => !isForeign(status))
  const by = newest.creator
  if (newest.state !== 'success' || ours?.state === 'success') return { kind: 'kept', by }
  const branch = await branchOf(options)
  if (branch.kind !== 'found') return branch.kind === 'failed' ? branch : { kind: 'kept', by }
  const mark = { writer: 'inv', id: createId(clock.now(), random) } as const
  const description = describeStatus(mark, `the success by ${by} was put back: only orch unlocks a change`)
  const post = { repo, headSha, context, state: 'pending', description, targetUrl: linkTo(branch.name) } as const
  const result = await host.postStatus(post, { urgent: true }, () => Promise.resolve(true))
  if (result.kind === 'withheld') throw new Error('nothing withholds it')
  return result.kind === 'posted'
    ? { kind: 'revoked', branch: branch.name, by }
    : { kind: 'failed', failure: result.failure }
}

type BranchOfHead = { kind: 'found'; name: string } | { kind: 'none' } | { kind: 'failed'; failure: Failure }

/** The branch of the change whose open pull request has this head. */
async function branchOf({ host, graph, repo, headSha }: RevokeForeignStatusOptions): Promise<BranchOfHead> {
  const matches = (headRef: string): boolean => matchesBranches(graph.branches, headRef)
  const [reading] = await host.readPullRequests({ repositories: [repo], statusContext: graph.statusContext, matches })
  if (!reading) throw new Error(`${repo} was left out`)
  if (!reading.read.ok) return { kind: 'failed', failure: reading.read.failure }
  const found = reading.read.value.find(({ pullRequest }) => pullRequest.headSha === headSha)
  return found ? { kind: 'found', name: found.pullRequest.headRef } : { kind: 'none' }
}
