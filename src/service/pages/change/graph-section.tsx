import { shownAt } from '../../../model/build/history.js'
import type { RecordedOrchestration } from '../../../model/build/history.js'
import type { ChangeStatus } from '../../../model/change-status.js'
import type { Graph } from '../../../model/graph.js'
import { repoKey } from '../../../model/repo-name.js'
import { sanitize } from '../../../lib/sanitize.js'
import { viewJobs } from '../../../report/views/job-view.js'
import { formatDuration } from '../../../report/time-text.js'
import { jobTones } from '../parts/badge.js'
import { Scroll } from '../parts/table.js'
import { GraphPicture } from '../pictures/graph-picture.js'
import type { PictureJob } from '../pictures/graph-picture.js'

/** A larger graph is not drawn: nobody could read it. */
const maxNodes = 200

export interface GraphSectionProps {
  graph: Graph
  /** The newest orchestration; undefined: there is none. */
  entry: RecordedOrchestration | undefined
  status: ChangeStatus
  now: number
}

/** The graph of a change: the jobs of its newest orchestration, or what one would build. */
export function GraphSection({ graph, entry, status, now }: GraphSectionProps) {
  const jobs = entry ? builtJobs(entry, now) : plannedJobs(graph, status)
  return (
    <section aria-labelledby="graph-heading">
      <h2 id="graph-heading">Graph</h2>
      {jobs.length > maxNodes ? (
        <p>The graph has {jobs.length} jobs, which is too many for a picture. The table of jobs has them all.</p>
      ) : (
        <Scroll id="graph" label="Graph of the jobs">
          <GraphPicture jobs={jobs} />
        </Scroll>
      )}
    </section>
  )
}

function builtJobs(entry: RecordedOrchestration, now: number): PictureJob[] {
  const { plan } = entry.orchestration
  const views = viewJobs(entry.orchestration, shownAt(entry, now))
  const ids = plan.jobs.map(({ job }) => job)
  return plan.graph.jobs.flatMap(({ id, needs }) => {
    const index = ids.indexOf(id)
    const [view, planned] = [views[index], plan.jobs[index]]
    if (!view || !planned) return []
    const time = view.elapsedMs === null ? '' : ` ${formatDuration(view.elapsedMs)}`
    const isPart = planned.action === 'run' || planned.action === 'fresh'
    return [pictureJob({ id, needs }, { tone: jobTones[view.displayState], state: `${view.word}${time}`, isPart })]
  })
}

function plannedJobs(graph: Graph, { repositories }: ChangeStatus): PictureJob[] {
  const members = new Set(repositories.filter(({ kind }) => kind === 'member').map(({ repo }) => repoKey(repo)))
  return graph.jobs.map(({ id, needs, repo, withoutBranch }) => {
    const isMember = members.has(repoKey(repo))
    const isPart = isMember || withoutBranch === 'build'
    const state = isMember ? 'not built yet' : isPart ? 'default branch' : 'no branch'
    return pictureJob({ id, needs }, { tone: 'idle', state, isPart })
  })
}

function pictureJob(
  { id, needs }: { id: string; needs: readonly string[] },
  look: Pick<PictureJob, 'tone' | 'state' | 'isPart'>,
): PictureJob {
  return { id: sanitize(id), needs: needs.map(sanitize), ...look }
}
