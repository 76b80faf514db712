import { repositoriesOf } from '../../model/graph.js'
import { postRounds } from '../../model/build/state/post-state.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { JobState } from '../../model/build/state/job-state.js'
import type { PostState } from '../../model/build/state/post-state.js'
import { repoKey } from '../../model/repo-name.js'
import { assertNever } from '../../lib/assert-never.js'
import { ganttLines } from './gantt.js'
import { sanitize } from '../../lib/sanitize.js'
import { countJobs, viewJobs } from './job-view.js'
import type { JobView } from './job-view.js'
import { nextStep } from './next-step.js'
import { outcomeWord, endingStyle, endingWords, explainFailures, paragraph, withAddress } from './summary.js'
import { findingsOf, pullRequestResults } from './pull-request-results.js'
import { labelRepositories } from '../repo-label.js'
import { composeLine, cutSign, markSpan } from '../style.js'
import type { Mark, Span, ViewOptions } from '../style.js'
import type { Paint } from '../paint.js'
import { headLines } from '../terminal/terminal-head.js'
import { formatAgo, formatDuration, formatMoment } from '../time-text.js'
import { cut, displayWidth, pad } from '../../lib/text-width.js'
import { shownAt } from '../../model/build/history.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'

function styleOf(entry: HistoryEntry): { mark: Mark; paint: Paint; word: string } {
  switch (entry.state) {
    case 'running':
      return { mark: 'active', paint: 'cyan', word: 'running' }
    case 'unfinished':
      return { mark: 'warning', paint: 'yellow', word: 'unfinished' }
    case 'unreadable':
      return { mark: 'bad', paint: 'red', word: 'unreadable' }
    case 'finished': {
      const outcome = entry.orchestration.ending?.outcome ?? 'unknown'
      return { ...endingStyle(outcome), word: endingWords[outcome] }
    }
    default:
      return assertNever(entry)
  }
}

function listDetail(entry: HistoryEntry, now: number): string {
  if (entry.state === 'unreadable') return `${sanitize(entry.problem)}: ${sanitize(entry.location)}`
  const { orchestration, state, id } = entry
  const counts = countJobs(viewJobs(orchestration, shownAt(entry, now)))
  if (state === 'unfinished') return `orch resume ${sanitize(id)} continues it; ${counts}`
  return orchestration.ending ? `${counts}; ${sanitize(orchestration.ending.reason)}` : counts
}

/** Maximum width of a branch in the list, so that the times still fit 80 columns. */
const maxBranchWidth = 24

/** `orch list`: two lines for each orchestration, in the order given. `now`: ms, UTC. Ends with a newline. */
export function renderHistory(history: readonly HistoryEntry[], now: number, options: ViewOptions): string {
  if (history.length === 0) return 'There are no orchestrations here; orch run starts one.\n'
  const branchOf = (entry: HistoryEntry): string =>
    entry.state === 'unreadable' ? '-' : sanitize(entry.orchestration.plan.branch)
  const branchWidth = Math.min(maxBranchWidth, Math.max(...history.map((entry) => displayWidth(branchOf(entry)))))
  const wordWidth = Math.max(...history.map((entry) => styleOf(entry).word.length))
  const lines = history.flatMap((entry) => {
    const style = styleOf(entry)
    const head: (Span | string)[] = [
      markSpan(style.mark, options),
      ` ${sanitize(entry.id)}  `,
      { text: pad(cut(branchOf(entry), branchWidth, cutSign(options)), branchWidth), paint: 'bold' },
      '  ',
      { text: pad(style.word, wordWidth), paint: style.paint },
    ]
    if (entry.state !== 'unreadable') {
      const { startedAt } = entry.orchestration
      head.push(`  ${pad(formatAgo(startedAt, now), 7)}  ${formatDuration(shownAt(entry, now) - startedAt)}`)
    }
    const detail: Span = { text: listDetail(entry, now), paint: 'dim' }
    return [composeLine(head, options), composeLine(['    ', detail], options)]
  })
  return `${lines.join('\n')}\n`
}

/** The number of our dispatch and of GitHub's re-run, if there was one. */
function attemptText(state: JobState | undefined): string {
  if (!state || state.phase === 'waiting' || state.attempt === null) return ''
  const runAttempt =
    state.phase === 'settled'
      ? state.runAttempt
      : state.phase === 'running'
        ? (state.observation.run?.runAttempt ?? null)
        : null
  return `attempt ${state.attempt}${runAttempt === null ? '' : `, run attempt ${runAttempt}`}`
}

function jobLines(orchestration: Orchestration, view: JobView, index: number, width: number, options: ViewOptions) {
  const job = orchestration.plan.jobs[index]?.job ?? ''
  const attempt = attemptText(orchestration.jobs.get(job))
  const head = [
    markSpan(view.mark, options),
    ` ${pad(cut(view.job, width, cutSign(options)), width)}  `,
    { text: pad(view.word, 9), paint: view.paint },
  ]
  if (attempt === '') return [composeLine([...head, `  ${view.detail}`], options)]
  const time = view.elapsedMs === null ? '' : formatDuration(view.elapsedMs)
  const lines = withAddress([...head, `  ${time.padStart(7)}  ${attempt}`], view.url, options)
  // The word already reports success, and a failure is explained below, with its log.
  const isShownElsewhere = view.displayState === 'succeeded' || view.displayState === 'failed'
  return view.detail === '' || isShownElsewhere ? lines : [...lines, ...paragraph(view.detail, '    ', options)]
}

function postText(post: PostState): string {
  switch (post.phase) {
    case 'requested':
      return `${formatMoment(post.at)}  requested, not answered`
    case 'posted':
      return `${formatMoment(post.status.createdAt)}  ${post.status.state}  ${sanitize(post.status.description)}`
    case 'failed':
      return `failed: ${sanitize(post.failure.message)}`
    case 'withheld':
      return `not posted: ${sanitize(post.reason)}`
    default:
      return assertNever(post)
  }
}

/** What was posted on each head, and the state of its pull requests. */
function statusLines(orchestration: Orchestration, options: ViewOptions): string[] {
  const label = labelRepositories(repositoriesOf(orchestration.plan.graph))
  const results = pullRequestResults(orchestration)
  const targets = orchestration.plan.targets.flatMap(({ repo }) => {
    const pullRequests = results
      .filter((result) => result.repo === repo)
      .flatMap(({ pullRequest, outcome, detail }) => {
        const note = detail === '' ? '' : ` (${detail})`
        return withAddress(
          [`  ${label(repo)}#${pullRequest.number}  ${outcomeWord(outcome)}${note}`],
          pullRequest.url,
          options,
        )
      })
    const posts = orchestration.posts.get(repoKey(repo)) ?? {}
    const posted = postRounds.flatMap((round) => {
      const post = posts[round]
      return post ? [composeLine([`    ${pad(round, 7)}  `, { text: postText(post), paint: 'dim' }], options)] : []
    })
    return [...pullRequests, ...posted]
  })
  if (targets.length === 0) return []
  return ['', composeLine([{ text: 'Pull requests and statuses', paint: 'bold' }], options), ...targets]
}

/** When it started and ended, and for how long no process drove it. */
function timeLines(entry: RecordedOrchestration, now: number, options: ViewOptions): string[] {
  const { startedAt, lastAt, unattendedMs, isResumed } = entry.orchestration
  const last = entry.state === 'finished' ? 'ended' : 'last event'
  const resumed = isResumed ? `, resumed after ${formatDuration(unattendedMs)} without a process` : ''
  const text = `started ${formatMoment(startedAt)} (${formatAgo(startedAt, now)}), ${last} ${formatMoment(lastAt)}${resumed}`
  return paragraph(text, '  ', options)
}

/** How it ended, or how to continue it. */
function stateLines(entry: RecordedOrchestration, now: number, options: ViewOptions): string[] {
  const { orchestration, id, driver } = entry
  const style = styleOf(entry)
  const duration = formatDuration(shownAt(entry, now) - orchestration.startedAt)
  const time = entry.state === 'running' ? `for ${duration}` : `after ${duration}`
  const branch = { text: ` ${sanitize(orchestration.plan.branch)} ${style.word}`, paint: style.paint }
  const head = ['', composeLine([markSpan(style.mark, options), branch, ` ${time}`], options)]
  const findings = findingsOf(orchestration).flatMap(({ message }) =>
    paragraph(`- ${sanitize(message)}`, '  ', options),
  )
  const { ending } = orchestration
  if (ending) {
    const reason = paragraph(sanitize(ending.reason), '  ', options)
    return [...head, ...reason, ...findings, '', ...paragraph(nextStep(orchestration, ending), '  ', options)]
  }
  const advice =
    driver !== null
      ? `Driven by ${sanitize(driver.name)}.`
      : `No process runs it, and the journal does not show what its workflow runs did since. To continue it: orch resume ${sanitize(id)}`
  return [...head, ...findings, ...paragraph(advice, '  ', options)]
}

/** `orch show`: head, jobs in the order of the graph, their times as bars, failures, statuses, outcome. `now`: ms, UTC. Ends with a newline. */
export function renderOrchestration(entry: RecordedOrchestration, now: number, options: ViewOptions): string {
  const { orchestration } = entry
  const views = viewJobs(orchestration, shownAt(entry, now))
  const width = Math.min(30, Math.max(0, ...views.map((view) => displayWidth(view.job))))
  const lines = [
    ...headLines(orchestration, options),
    ...timeLines(entry, now, options),
    '',
    ...views.flatMap((view, index) => jobLines(orchestration, view, index, width, options)),
    composeLine([countJobs(views)], options),
    ...ganttLines(orchestration, shownAt(entry, now), options),
    ...explainFailures(orchestration, options),
    ...statusLines(orchestration, options),
    ...stateLines(entry, now, options),
  ]
  return `${lines.join('\n')}\n`
}
