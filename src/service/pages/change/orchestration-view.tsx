import { postRounds } from '../../../model/build/state/post-state.js'
import type { PostState } from '../../../model/build/state/post-state.js'
import { shownAt } from '../../../model/build/history.js'
import type { RecordedOrchestration } from '../../../model/build/history.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import { timelineOf } from '../../../model/build/timeline.js'
import { repoKey } from '../../../model/repo-name.js'
import { sanitize } from '../../../lib/sanitize.js'
import { labelRepositories } from '../../../report/repo-label.js'
import { viewJobs } from '../../../report/views/job-view.js'
import { findingsOf, pullRequestResults } from '../../../report/views/pull-request-results.js'
import { outcomeWord } from '../../../report/views/summary.js'
import { formatDuration } from '../../../report/time-text.js'
import { jobTones } from '../../../report/graph/tone.js'
import { Badge, orchestrationState, statusTones } from '../parts/badge.js'
import { Scroll, Table } from '../parts/table.js'
import { Duration, External, Name, Sha, Text, Time } from '../parts/text.js'
import { GanttPicture } from '../pictures/gantt-picture.js'
import type { GanttRow } from '../pictures/gantt-picture.js'
import { Failures, JobsTable } from './jobs-table.js'

/** More builds than this are not drawn over time; the table has them all. */
const maxBars = 60

/** One orchestration: how it went, its jobs with their attempts, when they ran, and what was posted. */
export function OrchestrationView({ entry, now }: { entry: RecordedOrchestration; now: number }) {
  const { orchestration } = entry
  const at = shownAt(entry, now)
  return (
    <>
      <Facts entry={entry} at={at} />
      <h3>Jobs</h3>
      <JobsTable orchestration={orchestration} at={at} />
      <Times orchestration={orchestration} at={at} />
      <Failures orchestration={orchestration} />
      <Statuses entry={entry} />
    </>
  )
}

function Facts({ entry, at }: { entry: RecordedOrchestration; at: number }) {
  const { id, orchestration } = entry
  const { startedAt, ending, isResumed, unattendedMs } = orchestration
  return (
    <>
      <p class="lead">
        <Badge {...orchestrationState(entry)} /> {ending ? <Text>{ending.reason}</Text> : null}
      </p>
      {findingsOf(orchestration).map(({ message }) => (
        <p class="note">
          <Text>{message}</Text>
        </p>
      ))}
      <dl class="facts">
        <div>
          <dt>Id</dt>
          <dd>
            <Name>{id}</Name>
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <Time at={startedAt} />
          </dd>
        </div>
        <div>
          <dt>{ending ? 'Took' : 'For'}</dt>
          <dd>
            <Duration ms={at - startedAt} />
          </dd>
        </div>
        {isResumed ? (
          <div>
            <dt>Without a worker</dt>
            <dd>
              <Duration ms={unattendedMs} />
            </dd>
          </div>
        ) : null}
      </dl>
    </>
  )
}

function Times({ orchestration, at }: { orchestration: Orchestration; at: number }) {
  const { builds, makespanMs, criticalPath } = timelineOf(orchestration, at)
  if (builds.length === 0) return null
  const { startedAt } = orchestration
  const ids = orchestration.plan.jobs.map(({ job }) => job)
  const views = viewJobs(orchestration, at)
  const rows: GanttRow[] = builds.slice(0, maxBars).flatMap(({ job, dispatchedAt, inProgressAt, until }) => {
    const view = views[ids.indexOf(job)]
    if (!view) return []
    return [
      {
        job: sanitize(job),
        tone: jobTones[view.displayState],
        word: view.word,
        dispatchedMs: dispatchedAt - startedAt,
        inProgressMs: inProgressAt === null ? null : inProgressAt - startedAt,
        endMs: until - startedAt,
        isCritical: criticalPath.jobs.includes(job),
      },
    ]
  })
  const omitted = builds.length - rows.length
  return (
    <section aria-labelledby="times">
      <h3 id="times">Times</h3>
      <Scroll id="gantt" label="Builds over time">
        <GanttPicture rows={rows} rangeMs={makespanMs} />
      </Scroll>
      <p class="dim">
        Light: queued. Full: running. ◆ marks the critical path, {formatDuration(criticalPath.ms)} of{' '}
        {formatDuration(makespanMs)}.{omitted > 0 ? ` ${omitted} more builds are in the table above.` : ''}
      </p>
    </section>
  )
}

/** What was posted on each head, and the state of its pull requests. */
function Statuses({ entry: { orchestration, state } }: { entry: RecordedOrchestration }) {
  const { plan, posts } = orchestration
  if (plan.targets.length === 0) return null
  const label = labelRepositories(plan.graph.jobs.map(({ repo }) => repo))
  const results = pullRequestResults(orchestration)
  const rows = plan.targets.map(({ repo, headSha }) => {
    const rounds = posts.get(repoKey(repo)) ?? {}
    // While the orchestration is driven, a request in flight leaves nothing in doubt.
    const isAsking = state === 'running' && postRounds.some((round) => rounds[round]?.phase === 'requested')
    const cells = [
      <Text>{label(repo)}</Text>,
      <Sha sha={headSha} />,
      <ul class="plain">
        {results
          .filter((result) => result.repo === repo)
          .map(({ pullRequest, outcome, detail }) => (
            <li>
              <External url={pullRequest.url}>{`#${pullRequest.number}`}</External>
              {isAsking
                ? ' waiting for GitHub to answer'
                : ` ${outcomeWord(outcome)}${detail === '' ? '' : `: ${detail}`}`}
            </li>
          ))}
      </ul>,
      <ul class="plain">
        {postRounds.flatMap((round) => {
          const post = rounds[round]
          return post ? [<Post post={post} isAsking={isAsking} />] : []
        })}
      </ul>,
    ]
    return { cells }
  })
  return (
    <section aria-labelledby="statuses">
      <h3 id="statuses">Statuses that it posted</h3>
      <Table caption="Statuses by head" columns={['Repository', 'Head', 'Pull requests', 'Statuses']} rows={rows} />
    </section>
  )
}

function Post({ post, isAsking }: { post: PostState; isAsking: boolean }) {
  switch (post.phase) {
    case 'requested':
      return <li>{isAsking ? 'requested' : 'requested, not answered'}</li>
    case 'posted':
      return (
        <li>
          <Badge tone={statusTones[post.status.state]} word={post.status.state} /> <Time at={post.status.createdAt} />
          <p class="note">
            <Name>{post.status.description}</Name>
          </p>
        </li>
      )
    case 'failed':
      return (
        <li>
          failed: <Text>{post.failure.message}</Text>
        </li>
      )
    case 'withheld':
      return (
        <li>
          not posted: <Text>{post.reason}</Text>
        </li>
      )
  }
}
