import { estimateRun } from '../../model/build/estimate.js'
import type { Estimate } from '../../model/build/estimate.js'
import { repositoriesOf } from '../../model/graph.js'
import { levelsOf } from '../../model/graph-levels.js'
import type { Job } from '../../model/graph.js'
import type { PullRequest } from '../../model/change.js'
import type { Plan, PlannedJob, RunOptions } from '../../model/build/plan.js'
import { shortDigest } from '../../model/set-digest.js'
import { describeDefaultBranch } from './default-branch.js'
import { estimateLines } from './estimate-view.js'
import { sanitize } from '../../lib/sanitize.js'
import { counted } from '../../lib/counted.js'
import { labelRepositories } from '../repo-label.js'
import { composeLine, markSpan } from '../style.js'
import type { Span, ViewOptions } from '../style.js'
import { paragraph } from './summary.js'
import { formatDuration } from '../time-text.js'
import { displayWidth, pad } from '../../lib/text-width.js'

const styles: Record<PlannedJob['action'], { mark: 'active' | 'good' | 'skipped'; paint: Span['paint'] }> = {
  run: { mark: 'active', paint: 'cyan' },
  fresh: { mark: 'good', paint: 'green' },
  skip: { mark: 'skipped', paint: 'dim' },
  exclude: { mark: 'skipped', paint: 'dim' },
}

function planRow(job: Job | undefined, planned: PlannedJob, nameWidth: number, options: ViewOptions): string {
  const style = styles[planned.action]
  const needs = (job?.needs ?? []).map(sanitize).join(', ')
  const defaultBranch = describeDefaultBranch(planned)
  const sha = defaultBranch ?? sanitize(planned.headSha?.slice(0, 7) ?? '')
  const rest =
    planned.action === 'run'
      ? [sha, describeWorkflow(job), needs === '' ? '' : `after ${needs}`, `(${sanitize(planned.reason)})`]
          .filter((part) => part !== '')
          .join('  ')
      : [...(defaultBranch === null ? [] : [defaultBranch]), sanitize(planned.reason)].join('  ')
  return composeLine(
    [
      '  ',
      markSpan(style.mark, options),
      ` ${pad(sanitize(planned.job), nameWidth)}  `,
      { text: pad(planned.action, 5), paint: style.paint },
      `  ${rest}`,
    ],
    options,
  )
}

function describeWorkflow(job: Job | undefined): string {
  const workflow = sanitize(job?.workflow ?? '')
  return job?.event ? `${workflow} on the event ${sanitize(job.event.type)}` : workflow
}

function planSteps(plan: Plan, options: ViewOptions): string[] {
  const levels = levelsOf(plan.graph)
  const nameWidth = Math.min(30, Math.max(0, ...plan.jobs.map(({ job }) => displayWidth(sanitize(job)))))
  const steps = Array.from({ length: Math.max(-1, ...levels.values()) + 1 }, (): PlannedJob[] => [])
  for (const planned of plan.jobs) steps[levels.get(planned.job) ?? -1]?.push(planned)
  const jobOf = new Map(plan.graph.jobs.map((job) => [job.id, job]))
  return steps.flatMap((jobs, level) => {
    const running = jobs.filter(({ action }) => action === 'run').length
    const note = running > 1 ? `, ${running} in parallel` : ''
    const title = composeLine([{ text: `Step ${level + 1}${note}`, paint: 'bold' }], options)
    return [title, ...jobs.map((planned) => planRow(jobOf.get(planned.job), planned, nameWidth, options))]
  })
}

/** Why `--only` unlocks nothing: the other jobs are not fresh, or not known to be without statuses. */
function whyOnly({ jobs }: Plan): string {
  const excluded = jobs.filter(({ action }) => action === 'exclude').map(({ job }) => sanitize(job))
  const more = excluded.length > 3 ? ` and ${excluded.length - 3} more` : ''
  return excluded.length === 0
    ? '--no-status writes no commit status'
    : `--only excludes ${excluded.slice(0, 3).join(', ')}${more}, not fresh`
}

/** ` (draft, conflicts with main)`: why a pull request cannot be merged yet; empty: nothing is known to prevent it. */
function obstacles({ isDraft, mergeability, baseRef }: PullRequest): string {
  const parts = [
    ...(isDraft ? ['draft'] : []),
    ...(mergeability === 'conflicting' ? [`conflicts with ${sanitize(baseRef)}`] : []),
    ...(mergeability === 'unknown' ? ['mergeability unknown'] : []),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function unlocking(plan: Plan, run: RunOptions, options: ViewOptions): string[] {
  if (run.only !== null && !run.postStatus) return [`Unlocks nothing: ${whyOnly(plan)}.`]
  if (!run.postStatus) return ['Unlocks nothing: --no-status writes no commit status.']
  if (plan.targets.length === 0) return ['Unlocks nothing: no pull request of this branch is open.']
  const label = labelRepositories(repositoriesOf(plan.graph))
  const rows = plan.targets.flatMap(({ repo, pullRequests }) =>
    pullRequests.flatMap((pullRequest) => {
      const name = `  ${label(repo)}#${pullRequest.number}${obstacles(pullRequest)}  `
      const row = composeLine([name, { text: sanitize(pullRequest.title), paint: 'dim' }], options)
      return [row, `    ${sanitize(pullRequest.url)}`]
    }),
  )
  const title = plan.isUnlocked === true ? 'Already built and unlocked' : 'Unlocks, if every build succeeds'
  return [composeLine([{ text: title, paint: 'bold' }], options), ...rows]
}

function optionsLine(run: RunOptions): string {
  const parallel =
    run.maxParallel === null ? 'as parallel as the graph allows' : `at most ${run.maxParallel} in parallel`
  const failing = run.failFast ? 'a failure cancels the rest' : 'after a failure the rest finishes'
  return `${parallel}; ${failing}; ends after ${formatDuration(run.timeoutMs)} at the latest`
}

/**
 * `orch plan`: the jobs by steps of the graph, the skipped ones with the reason, the estimate, pull requests, warnings. Ends with a newline.
 */
export function renderPlan(
  plan: Plan,
  run: RunOptions,
  options: ViewOptions,
  estimate: Estimate = estimateRun(plan, run, true),
): string {
  const all = plan.members.length + plan.absent.length
  const builds = plan.jobs.filter(({ action }) => action === 'run').length
  const head = [
    { text: sanitize(plan.branch), paint: 'bold' as const },
    `  in ${plan.members.length} of ${counted(all, 'repository')}, ${counted(builds, 'build')}  `,
    { text: `set ${shortDigest(plan.setDigest)}`, paint: 'dim' as const },
  ]
  const warnings = plan.warnings.flatMap((warning) => paragraph(`! ${sanitize(warning)}`, '', options))
  const lines = [
    composeLine(head, options),
    '',
    ...planSteps(plan, options),
    '',
    ...paragraph(`A job starts when its own needs are settled; ${optionsLine(run)}.`, '', options),
    '',
    ...estimateLines(estimate, options),
    '',
    ...unlocking(plan, run, options),
    ...(warnings.length === 0 ? [] : ['', ...warnings]),
  ]
  return `${lines.join('\n')}\n`
}
