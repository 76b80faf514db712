import type { Orchestration } from '../../model/build/orchestration.js'
import type { StatusState } from '../../model/change.js'
import type { ChangeStatus, RepositoryStatus } from '../../model/change-status.js'
import type { Graph, Job } from '../../model/graph.js'
import { repoKey } from '../../model/repo-name.js'
import { sanitize } from '../../lib/sanitize.js'
import { formatDuration } from '../time-text.js'
import { viewJobs } from './job-view.js'
import type { JobDisplayState } from './job-view.js'

/** One job as every drawing of the graph shows it. All text is sanitized. */
export interface GraphJob {
  id: string
  repo: string
  workflow: string
  needs: readonly string[]
  displayState: JobDisplayState
  /** `running 12s`; empty: the graph is drawn without a change. */
  state: string
  /** False: it is not built for the change. */
  isPart: boolean
}

type Look = Pick<GraphJob, 'displayState' | 'state' | 'isPart'>

/** The jobs of the graph file, without a change. */
export function viewGraph(graph: Graph): GraphJob[] {
  return graph.jobs.map((job) => graphJob(job, { displayState: 'waiting', state: '', isPart: true }))
}

/** The jobs of an orchestration as they are at `at` (ms, UTC). */
export function viewBuiltGraph(orchestration: Orchestration, at: number): GraphJob[] {
  const { plan } = orchestration
  const views = viewJobs(orchestration, at)
  const looks = new Map(
    plan.jobs.map(({ job, action }, index): [string, Look] => {
      const view = views[index]
      if (!view) throw new Error(`the job ${job} has no view`)
      const time = view.elapsedMs === null ? '' : ` ${formatDuration(view.elapsedMs)}`
      const isPart = action === 'run' || action === 'fresh'
      return [job, { displayState: view.displayState, state: `${view.word}${time}`, isPart }]
    }),
  )
  return plan.graph.jobs.flatMap((job) => {
    const look = looks.get(job.id)
    return look ? [graphJob(job, look)] : []
  })
}

/** The jobs of a change that has no orchestration here: what its branches and commit statuses on GitHub say. */
export function viewChangeGraph(graph: Graph, { repositories }: ChangeStatus): GraphJob[] {
  const rows = new Map(repositories.map((row) => [repoKey(row.repo), row]))
  return graph.jobs.map((job) => graphJob(job, lookOf(job, rows.get(repoKey(job.repo)))))
}

const statusLooks: Record<StatusState, Pick<Look, 'displayState' | 'state'>> = {
  success: { displayState: 'succeeded', state: 'success' },
  pending: { displayState: 'waiting', state: 'pending' },
  failure: { displayState: 'failed', state: 'failure' },
  error: { displayState: 'failed', state: 'error' },
}

function lookOf(job: Job, row: RepositoryStatus | undefined): Look {
  switch (row?.kind) {
    case 'member': {
      if (row.status === null) return { displayState: 'waiting', state: 'not built yet', isPart: true }
      // A success for other commits says nothing about these.
      const isStale = row.status.state === 'success' && row.digestMatches !== true
      if (isStale) return { displayState: 'waiting', state: 'success is outdated', isPart: true }
      return { ...statusLooks[row.status.state], isPart: true }
    }
    case 'unreadable':
      return { displayState: 'failed', state: 'not read', isPart: true }
    case 'near-miss':
      return { displayState: 'failed', state: 'other case', isPart: true }
    case 'absent':
    case 'merged':
    case undefined:
      return job.withoutBranch === 'build'
        ? { displayState: 'waiting', state: 'default branch', isPart: true }
        : { displayState: 'skipped', state: 'no branch', isPart: false }
  }
}

function graphJob({ id, repo, workflow, needs }: Job, look: Look): GraphJob {
  return { id: sanitize(id), repo: sanitize(repo), workflow: sanitize(workflow), needs: needs.map(sanitize), ...look }
}
