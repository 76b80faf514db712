import { statusStates } from '../../model/change.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import { repoKey } from '../../model/repo-name.js'
import { ignored, isOfChange, malformed } from './classified.js'
import type { RepositoryDelivery } from './classified.js'
import { classifyPullRequest } from './classify-pull-request.js'
import type { IsOwnStatus } from '../../model/own-status.js'
import { numberAt, shaAt, textAt, valueAt } from './payload-fields.js'
import type { Trigger } from './trigger.js'

/** A delivery as it came in. */
export interface IncomingDelivery {
  /** The X-GitHub-Event header. */
  event: string
  payload: unknown
}

export interface ClassifyOptions {
  graph: Graph
  /** Whether a status of our context is ours. */
  isOwn: IsOwnStatus
}

/** What a delivery asks for. Never throws: the payload may be anything. Pure. */
export function classify({ event, payload }: IncomingDelivery, options: ClassifyOptions): Trigger {
  const action = textAt(payload, 'action') ?? ''
  if (event === 'installation' || event === 'installation_repositories') {
    const account = textAt(payload, 'installation', 'account', 'login') ?? ''
    return { kind: 'installation-changed', action, account }
  }
  const read = readers.get(event)
  if (!read) return ignored(`there is nothing to do for the event ${event}`)
  const name = textAt(payload, 'repository', 'full_name')
  if (name === null) return malformed('it names no repository')
  const repo = repositoriesOf(options.graph).find((each) => repoKey(each) === repoKey(name))
  if (repo === undefined) return ignored('the repository is not part of the graph')
  return read({ repo, action, payload }, options)
}

type Reader = (delivery: RepositoryDelivery, options: ClassifyOptions) => Trigger

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['pull_request', (delivery, { graph }) => classifyPullRequest(delivery, graph)],
  ['push', (delivery, { graph }) => classifyPush(delivery, graph)],
  ['workflow_run', (delivery, { graph }) => classifyRun(delivery, graph)],
  ['merge_group', classifyMergeGroup],
  ['status', classifyStatus],
  ['issue_comment', classifyComment],
  ['repository_dispatch', (delivery, { graph }) => classifyDispatch(delivery, graph)],
])

function classifyPush({ repo, payload }: RepositoryDelivery, graph: Graph): Trigger {
  const ref = textAt(payload, 'ref')
  if (ref === null) return malformed('it names no ref')
  if (!ref.startsWith('refs/heads/')) return ignored('it is not a push to a branch')
  const branch = ref.slice('refs/heads/'.length)
  if (branch === textAt(payload, 'repository', 'default_branch')) return { kind: 'default-branch-pushed', repo }
  if (!isOfChange(graph, branch)) return ignored('it is not the branch of a change')
  return { kind: 'branch-pushed', repo, branch, before: shaAt(payload, 'before'), after: shaAt(payload, 'after') }
}

function classifyRun({ repo, payload }: RepositoryDelivery, graph: Graph): Trigger {
  const run = valueAt(payload, 'workflow_run')
  const id = numberAt(run, 'id')
  const headSha = shaAt(run, 'head_sha')
  const status = textAt(run, 'status')
  const runAttempt = numberAt(run, 'run_attempt')
  if (id === null || headSha === null || status === null) return malformed('it names no run')
  const event = textAt(run, 'event')
  if (event !== 'workflow_dispatch' && event !== 'repository_dispatch') return ignored('the run was not dispatched')
  const file = /^\.github\/workflows\/([^/@]+)(?:@|$)/u.exec(textAt(run, 'path') ?? '')?.[1]
  const isOfGraph = graph.jobs.some(
    (job) =>
      repoKey(job.repo) === repoKey(repo) &&
      // The graph file does not name the workflow that an event starts.
      (job.event ? event === 'repository_dispatch' : event === 'workflow_dispatch' && job.workflow === file),
  )
  if (!isOfGraph) return ignored('the workflow is not part of the graph')
  const conclusion = textAt(run, 'conclusion')
  const url = textAt(run, 'html_url') ?? ''
  return { kind: 'run-changed', repo, run: { id, headSha, status, conclusion, runAttempt, url } }
}

function classifyMergeGroup({ repo, action, payload }: RepositoryDelivery): Trigger {
  const headSha = shaAt(payload, 'merge_group', 'head_sha')
  if (headSha === null) return malformed('it names no commit of the merge queue')
  if (action === 'destroyed') return { kind: 'merge-group-destroyed', repo, headSha }
  if (action !== 'checks_requested') return ignored('it asks for no status')
  // refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha of the base>
  const ref = textAt(payload, 'merge_group', 'head_ref') ?? ''
  const number = Number(/\/pr-([1-9][0-9]{0,14})-[0-9a-f]+$/u.exec(ref)?.[1] ?? 0)
  if (number === 0) return malformed('the ref of the merge queue names no pull request')
  return { kind: 'merge-group-requested', repo, headSha, number }
}

function classifyStatus({ repo, payload }: RepositoryDelivery, { graph, isOwn }: ClassifyOptions): Trigger {
  const context = textAt(payload, 'context') ?? ''
  if (context.toLowerCase() !== graph.statusContext.toLowerCase()) return ignored('it is a status of another context')
  const by = textAt(payload, 'sender', 'login')
  const headSha = shaAt(payload, 'sha')
  const state = statusStates.find((known) => known === textAt(payload, 'state'))
  if (by === null || headSha === null || state === undefined) return malformed('it has no state, commit or author')
  if (isOwn({ creator: by, description: textAt(payload, 'description') ?? '' })) return ignored('orch posted it')
  return { kind: 'foreign-status', repo, headSha, state, by }
}

function classifyComment({ repo, action, payload }: RepositoryDelivery): Trigger {
  if (action !== 'created') return ignored('only new comments are read')
  if (valueAt(payload, 'issue', 'pull_request') === undefined) return ignored('it is not on a pull request')
  const number = numberAt(payload, 'issue', 'number')
  const commentId = numberAt(payload, 'comment', 'id')
  const author = textAt(payload, 'comment', 'user', 'login')
  const body = textAt(payload, 'comment', 'body')
  if (number === null || commentId === null || author === null || body === null)
    return malformed('it has no comment, author or pull request')
  if (!/^[ \t]*\/orch(?:\s|$)/mu.test(body)) return ignored('it has no command')
  if (textAt(payload, 'comment', 'user', 'type') === 'Bot') return ignored('a bot wrote it')
  return { kind: 'command-comment', repo, number, commentId, author, body }
}

/** The event types of `repository_dispatch` that are commands, with `branch` in the client payload. */
const commands: ReadonlyMap<string, 'run' | 'invalidate'> = new Map([
  ['orch-run', 'run'],
  ['orch-invalidate', 'invalidate'],
])

function classifyDispatch({ action, payload }: RepositoryDelivery, graph: Graph): Trigger {
  const command = commands.get(action)
  if (command === undefined) return ignored('its event type is not orch-run or orch-invalidate')
  const branch = textAt(payload, 'client_payload', 'branch')
  if (branch === null) return ignored('its client payload names no branch')
  if (!isOfChange(graph, branch)) return ignored('its branch is not the branch of a change')
  return { kind: 'command-dispatched', command, branch, by: textAt(payload, 'sender', 'login') ?? '' }
}
