import type { Orchestration } from '../../../model/build/orchestration.js'
import type { JobState } from '../../../model/build/state/job-state.js'
import { sanitize, sanitizeLogLine } from '../../../lib/sanitize.js'
import { labelRepositories } from '../../../report/repo-label.js'
import { viewJobs } from '../../../report/views/job-view.js'
import type { JobView } from '../../../report/views/job-view.js'
import { jobTones } from '../../../report/graph/tone.js'
import { Badge } from '../parts/badge.js'
import { Table, none } from '../parts/table.js'
import { Duration, External, Name, Text } from '../parts/text.js'

/** The jobs of an orchestration as of `at` (ms, UTC), with their attempts: all that the pictures show, in words. */
export function JobsTable({ orchestration, at }: { orchestration: Orchestration; at: number }) {
  const { plan, jobs } = orchestration
  const byId = new Map(plan.graph.jobs.map((job) => [job.id, job]))
  const label = labelRepositories(plan.graph.jobs.map(({ repo }) => repo))
  const views = viewJobs(orchestration, at)
  const rows = plan.jobs.flatMap(({ job: id }, index) => {
    const [job, view] = [byId.get(id), views[index]]
    if (!job || !view) return []
    const state = jobs.get(id)
    const cells = [
      <Text>{id}</Text>,
      <StateCell view={view} />,
      <Text>{label(job.repo)}</Text>,
      job.needs.length === 0 ? none : <Text>{job.needs.join(', ')}</Text>,
      attemptText(state),
      view.elapsedMs === null ? none : <Duration ms={view.elapsedMs} />,
      view.url === null ? none : <External url={view.url}>{`Run of ${view.job}`}</External>,
    ]
    return [{ cells }]
  })
  return (
    <Table
      caption="Jobs in the order of the graph"
      columns={['Job', 'State', 'Repository', 'Needs', 'Attempt', 'Time', 'Workflow run']}
      rows={rows}
    />
  )
}

function StateCell({ view }: { view: JobView }) {
  return (
    <>
      <Badge tone={jobTones[view.displayState]} word={view.word} />
      {view.detail === '' || view.displayState === 'succeeded' ? null : <p class="note wrap">{view.detail}</p>}
    </>
  )
}

/** The number of our dispatch and of GitHub's re-run. */
function attemptText(state: JobState | undefined): string {
  if (!state || state.phase === 'waiting' || state.attempt === null) return none
  const read = state.phase === 'running' ? (state.observation.run?.runAttempt ?? null) : null
  const runAttempt = state.phase === 'settled' ? state.runAttempt : read
  return runAttempt === null ? String(state.attempt) : `${state.attempt}, run attempt ${runAttempt}`
}

/** Where the runs of failed jobs failed, with the last lines of their logs. */
export function Failures({ orchestration }: { orchestration: Orchestration }) {
  const failed = orchestration.plan.jobs.flatMap(({ job }) => {
    const state = orchestration.jobs.get(job)
    return state?.phase === 'settled' && state.explanation ? [{ job, explanation: state.explanation }] : []
  })
  if (failed.length === 0) return null
  return (
    <section aria-labelledby="failures">
      <h3 id="failures">Failures</h3>
      {failed.map(({ job, explanation }) => {
        const { workflowJob, step, url, logTail, rejection } = explanation
        const place = [workflowJob, step].filter((part) => part !== null).join(' / ')
        return (
          <div class="failure">
            <h4>
              <Text>{job}</Text>
            </h4>
            <p>
              {place === '' ? null : (
                <>
                  at <Name>{place}</Name>:{' '}
                </>
              )}
              <External url={url}>open it on GitHub</External>
            </p>
            {rejection ? (
              <p class="wrap">
                Rejected by <Text>{rejection.by}</Text> for <Text>{rejection.environments.join(', ')}</Text>
                {rejection.comment === '' ? null : (
                  <>
                    : <Text>{rejection.comment}</Text>
                  </>
                )}
              </p>
            ) : null}
            {logTail.length === 0 ? null : <Log job={job} lines={logTail} />}
          </div>
        )
      })}
    </section>
  )
}

function Log({ job, lines }: { job: string; lines: readonly string[] }) {
  return (
    <pre class="scroll" role="region" aria-label={`Last lines of the log of ${sanitize(job)}`} tabindex={0} dir="ltr">
      {lines.map(sanitizeLogLine).join('\n')}
    </pre>
  )
}
