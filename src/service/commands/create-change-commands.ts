import { checkBranch } from '../../app/choose-branch.js'
import { invalidateChange } from '../../app/invalidate-change.js'
import { previewRun } from '../../app/plan-run.js'
import type { RunRequest } from '../../app/plan-run.js'
import { readStatus } from '../../app/read-status.js'
import { readEvent } from '../../app/run/event-key.js'
import type { RunSettings } from '../../app/run/run-settings.js'
import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { Host } from '../../ports/host/host.js'
import type { Store } from '../../ports/store.js'
import type { Workload, Workloads } from '../workloads/workload.js'
import type { ChangeCommands } from './change-commands.js'

/** The settings of a run that nobody has chosen: the graph file decides. */
export const defaultRunSettings: RunSettings = {
  failFast: true,
  maxParallel: null,
  timeoutMs: null,
  postStatus: true,
  only: null,
  force: false,
}

export interface ChangeCommandsOptions {
  graph: Graph
  host: Host
  store: Store
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  workloads: Workloads
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** The page that the statuses of a change link to. */
  linkTo: (branch: string) => string
}

/** The commands over the use cases: a run is queued, everything else is done at once. */
export function createChangeCommands(options: ChangeCommandsOptions): ChangeCommands {
  const { graph, host, store, clock, random, workloads, serverUrl, linkTo } = options
  return {
    run: async (branch, by, eventId, settings = defaultRunSettings) => {
      const checked = checkBranch(graph, branch)
      if (!checked.ok) return { kind: 'stopped', problems: checked.problems }
      // The key is part of the markers in the titles of runs, which have only 16 characters for it.
      const event = readEvent({ env: {}, branch, named: eventId })
      const repositories = await membersFor(options, branch)
      const work = { kind: 'run', branch, event, settings, by, repositories } as const
      const { kind } = await workloads.enqueue({ id: eventId, work })
      return { kind, workload: eventId }
    },
    plan: async (branch) => {
      const checked = checkBranch(graph, branch)
      if (!checked.ok) return { kind: 'stopped', problems: checked.problems }
      const event = { key: null, isRepeated: false, isNamed: false }
      const request: RunRequest = {
        host,
        clock,
        graph,
        branch,
        settings: defaultRunSettings,
        event,
        serverUrl,
        link: linkTo(branch),
      }
      return previewRun({ ...request, store })
    },
    status: (branch) => readStatus({ host, graph, branch }),
    cancel: async (branch, by) => {
      const open = await listOpen(workloads, branch)
      const answers = await Promise.all(open.map(({ id }) => workloads.cancel(id, by)))
      return { count: answers.filter(({ kind }) => kind === 'requested').length }
    },
    invalidate: (branch, by) =>
      invalidateChange({
        host,
        clock,
        random,
        store,
        graph,
        branch,
        onlyIfChanged: false,
        reason: `requested by ${by}`,
        link: linkTo(branch),
        isDryRun: false,
      }),
  }
}

/** The repositories that a run counts for. Read only if there is a limit for them; those that cannot be read count, because they may be members. */
async function membersFor({ graph, host }: ChangeCommandsOptions, branch: string): Promise<RepoName[]> {
  const limit = graph.concurrency?.perRepository ?? null
  if (limit === null) return []
  const { status } = await readStatus({ host, graph, branch })
  return status.repositories.flatMap(({ kind, repo }) => (kind === 'absent' || kind === 'merged' ? [] : [repo]))
}

/** The workloads of a change that have not ended. */
async function listOpen(workloads: Workloads, branch: string): Promise<Workload[]> {
  const statuses = ['pending', 'claimed', 'running'] as const
  const pages = await Promise.all(statuses.map((status) => workloads.list({ change: branch, status, limit: 100 })))
  return pages.flatMap(({ items }) => items)
}
