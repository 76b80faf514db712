import type { Graph } from '../../model/graph.js'
import { ignored, isOfChange, malformed } from './classified.js'
import type { RepositoryDelivery } from './classified.js'
import { isTrueAt, numberAt, shaAt, textAt, timeAt, valueAt } from './payload-fields.js'
import type { Trigger } from './trigger.js'

/** What a delivery of the event `pull_request` asks for. */
export function classifyPullRequest({ repo, action, payload }: RepositoryDelivery, graph: Graph): Trigger {
  const pullRequest = valueAt(payload, 'pull_request')
  const number = numberAt(pullRequest, 'number')
  const branch = textAt(pullRequest, 'head', 'ref')
  if (number === null || branch === null) return malformed('it has no pull request')
  if (isFork(pullRequest) || !isOfChange(graph, branch)) return classifyOther({ repo, number, action }, graph)
  const of = { repo, branch, number }
  switch (action) {
    case 'opened':
    case 'reopened':
      return { kind: 'pull-request-opened', ...of }
    case 'synchronize': {
      const [before, after] = [shaAt(payload, 'before'), shaAt(payload, 'after')]
      return { kind: 'branch-pushed', repo, branch, before, after }
    }
    case 'closed': {
      const isMerged = isTrueAt(pullRequest, 'merged')
      return { kind: 'pull-request-closed', ...of, isMerged, closedAt: timeAt(pullRequest, 'closed_at') }
    }
    case 'edited':
      if (valueAt(payload, 'changes', 'base') === undefined) return ignored('only its title or text was edited')
      return { kind: 'base-edited', ...of }
    case 'converted_to_draft':
      return { kind: 'became-draft', ...of }
    case 'ready_for_review':
      return { kind: 'became-ready', ...of }
    default:
      return ignored('nothing that is tested has changed')
  }
}

/** Actions after which the head of a pull request may be a commit without our status. */
const headActions: ReadonlySet<string> = new Set(['opened', 'reopened', 'synchronize'])

function classifyOther(
  { repo, number, action }: { repo: string; number: number; action: string },
  graph: Graph,
): Trigger {
  if (graph.otherPullRequests !== 'pass') return ignored('it is not a pull request of a change')
  if (!headActions.has(action)) return ignored('the head of a pull request that is not of a change stayed the same')
  return { kind: 'other-pull-request', repo, number }
}

/** Whether the head is in another repository than the base, or in one that was deleted (law 4). */
function isFork(pullRequest: unknown): boolean {
  const head = numberAt(pullRequest, 'head', 'repo', 'id')
  return head === null || head !== numberAt(pullRequest, 'base', 'repo', 'id')
}
