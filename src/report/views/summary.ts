import type { Ending, Orchestration, OrchestrationOutcome } from '../../model/build/orchestration.js'
import type { MergedBranch } from '../../model/build/plan.js'
import { repositoriesOf } from '../../model/graph.js'
import { sanitize, sanitizeLogLine } from '../../lib/sanitize.js'
import { counted } from '../../lib/counted.js'
import { rejectionText, viewJobs } from './job-view.js'
import type { JobView } from './job-view.js'
import { capSimilar } from './cap-similar.js'
import { nextStep } from './next-step.js'
import { findingsOf, pullRequestResults } from './pull-request-results.js'
import type { PullRequestOutcome } from '../../model/build/pull-request-outcome.js'
import type { PullRequestResult } from './pull-request-results.js'
import { labelRepositories } from '../repo-label.js'
import { composeLine, cutSign, markSpan } from '../style.js'
import { paint } from '../paint.js'
import type { Mark, Span, ViewOptions } from '../style.js'
import type { Paint } from '../paint.js'
import { formatDuration } from '../time-text.js'
import { column, cutMiddle, displayWidth, pad, wrap } from '../../lib/text-width.js'

/** The word for each outcome of an orchestration. */
export const endingWords: Record<OrchestrationOutcome, string> = {
  succeeded: 'succeeded',
  failed: 'failed',
  unknown: 'unknown',
  'timed-out': 'timed out',
  superseded: 'superseded',
  'partially-merged': 'PARTIALLY MERGED',
  held: 'held',
  cancelled: 'cancelled',
}

/** The mark and the color of each outcome of an orchestration. */
export function endingStyle(outcome: OrchestrationOutcome): { mark: Mark; paint: Paint } {
  switch (outcome) {
    case 'succeeded':
      return { mark: 'good', paint: 'green' }
    case 'held':
      return { mark: 'warning', paint: 'yellow' }
    default:
      return { mark: 'bad', paint: 'red' }
  }
}

const outcomeStyles: Record<PullRequestOutcome, { mark: Mark; word: string; paint: Paint }> = {
  unlocked: { mark: 'good', word: 'unlocked', paint: 'green' },
  merged: { mark: 'good', word: 'merged', paint: 'green' },
  locked: { mark: 'bad', word: 'locked', paint: 'yellow' },
  'left-alone': { mark: 'warning', word: 'left alone', paint: 'yellow' },
  unclear: { mark: 'warning', word: 'unclear', paint: 'red' },
  untouched: { mark: 'skipped', word: 'untouched', paint: 'dim' },
}

/** The word for each outcome of a pull request. */
export function outcomeWord(outcome: PullRequestOutcome): string {
  return outcomeStyles[outcome].word
}

/** A paragraph that fits the columns; each line starts with `indent`. */
export function paragraph(text: string, indent: string, options: ViewOptions): string[] {
  return wrap(text, Math.max(20, options.columns - indent.length)).map((line) => `${indent}${line}`)
}

/** An address at the end of the line, or on the next one if it does not fit: an address must not be cut. */
export function withAddress(spans: readonly (Span | string)[], url: string | null, options: ViewOptions): string[] {
  if (url === null) return [composeLine(spans, options)]
  const text = sanitize(url)
  const width = spans.reduce((sum, span) => sum + displayWidth(typeof span === 'string' ? span : span.text), 0)
  if (width + 2 + displayWidth(text) <= options.columns) {
    return [composeLine([...spans, '  ', { text, paint: 'dim', url }], options)]
  }
  return [composeLine(spans, options), `    ${paint(text, 'dim', options)}`]
}

/** The jobs with their outcomes and links, in the plan's order; of similar ones that did not fail only a few. */
export function listJobs(views: readonly JobView[], options: ViewOptions): string[] {
  const longest = views.reduce((width, view) => Math.max(width, displayWidth(view.job)), 0)
  const width = Math.min(longest, Math.max(24, Math.floor(options.columns / 2)))
  const wordWidth = views.reduce((most, view) => Math.max(most, displayWidth(view.word)), 9)
  return capSimilar(views, {
    keyOf: ({ displayState, word }) => (displayState === 'failed' || displayState === 'active' ? null : word),
    linesOf: (view) => {
      const time = view.elapsedMs === null ? '' : formatDuration(view.elapsedMs)
      const head = [markSpan(view.mark, options), ` ${column(view.job, width, cutSign(options))}  `]
      const word: Span = { text: pad(view.word, wordWidth), paint: view.paint }
      if (view.url === null) return [composeLine([...head, word, '  ', view.detail], options)]
      return withAddress([...head, word, `  ${time.padStart(7)}`], view.url, options)
    },
    omittedLine: (count, view) => moreLine(`${count} more ${view.word}`, '', options),
  })
}

function moreLine(text: string, indent: string, options: ViewOptions): string {
  return composeLine(
    [indent, { text: `${options.unicode === false ? '...' : '…'} and ${text}`, paint: 'dim' }],
    options,
  )
}

/** Columns before a line of a log. */
const logIndent = 6

/** Where the builds failed: reason, workflow job, step, last lines of the log. */
export function explainFailures(orchestration: Orchestration, options: ViewOptions): string[] {
  return orchestration.plan.jobs.flatMap(({ job }) => {
    const state = orchestration.jobs.get(job)
    if (state?.phase !== 'settled') return []
    const isFailure = !['succeeded', 'fresh', 'skipped', 'not-run', 'cancelled'].includes(state.outcome)
    if (!isFailure && !state.explanation) return []
    const lines = ['', ...paragraph(`${sanitize(job)}: ${sanitize(state.reason)}`, '  ', options)]
    const { explanation } = state
    if (explanation === null) lines.push('    GitHub did not report where it failed.')
    if (!explanation) return lines
    const place = [explanation.workflowJob, explanation.step].filter((part) => part !== null).map(sanitize)
    if (place.length > 0) lines.push(...paragraph(`at ${place.join(' / ')}`, '    ', options))
    if (explanation.rejection) {
      lines.push(...paragraph(`rejected ${rejectionText(explanation.rejection)}`, '    ', options))
    }
    lines.push(`    ${sanitize(explanation.url)}`)
    if (explanation.logFailure) {
      lines.push(...paragraph(`no log: ${sanitize(explanation.logFailure.message)}`, '    ', options))
    }
    const bar = options.unicode === false ? '|' : '│'
    for (const line of explanation.logTail) {
      const text = cutMiddle(sanitizeLogLine(line), options.columns - logIndent, cutSign(options))
      lines.push(composeLine(['    ', { text: `${bar} `, paint: 'dim' }, text], options))
    }
    return lines
  })
}

/** How a line such as `… and 3 more are unlocked` ends. */
const outcomeOfMore: Record<PullRequestOutcome, string> = {
  unlocked: 'are unlocked',
  merged: 'are merged',
  locked: 'stay locked',
  'left-alone': 'are left alone',
  unclear: 'are unclear',
  untouched: 'are untouched',
}

/** The pull requests and their outcomes; of similar ones only a few. */
function listPullRequests(orchestration: Orchestration, options: ViewOptions): string[] {
  const label = labelRepositories(repositoriesOf(orchestration.plan.graph))
  const linesOf = ({ repo, pullRequest, outcome, detail }: PullRequestResult): string[] => {
    const style = outcomeStyles[outcome]
    const spans = [
      '  ',
      markSpan(style.mark, options),
      ` ${label(repo)}#${pullRequest.number}  `,
      { text: style.word, paint: style.paint },
    ]
    if (outcome === 'locked') return withAddress([...spans, ` (${detail})`], pullRequest.url, options)
    const lines = withAddress(spans, pullRequest.url, options)
    return detail === '' ? lines : [...lines, ...paragraph(detail, '    ', options)]
  }
  return capSimilar(pullRequestResults(orchestration), {
    keyOf: ({ outcome, detail }) => (outcome === 'locked' ? `${outcome} ${detail}` : outcome),
    linesOf,
    omittedLine: (count, { outcome, detail }) =>
      moreLine(`${count} more ${outcomeOfMore[outcome]}${outcome === 'locked' ? ` (${detail})` : ''}`, '  ', options),
  })
}

/** What changed during the orchestration; a merge is shown with its pull request. */
function listFindings(orchestration: Orchestration, options: ViewOptions): string[] {
  const findings = findingsOf(orchestration).filter(({ kind }) => kind !== 'pull-request-merged')
  const messages = [...new Set(findings.map(({ message }) => message))]
  return messages.flatMap((message) => paragraph(`- ${sanitize(message)}`, '  ', options))
}

/**
 * The end of an orchestration as lines: jobs, pull requests, failures, outcome, duration, reason, what to do next.
 * The most important lines come last, where they are still on the screen.
 */
export function summarize(
  orchestration: Orchestration,
  ending: Ending,
  endedAt: number,
  options: ViewOptions,
): string[] {
  const { mark, paint: color } = endingStyle(ending.outcome)
  const head = [
    markSpan(mark, options),
    { text: ` ${sanitize(orchestration.plan.branch)} ${endingWords[ending.outcome]}`, paint: color },
    ` after ${formatDuration(endedAt - orchestration.startedAt)}`,
  ]
  const pullRequests = listPullRequests(orchestration, options)
  return [
    ...listJobs(viewJobs(orchestration, endedAt), options),
    ...(pullRequests.length === 0 ? [] : ['', ...pullRequests]),
    ...explainFailures(orchestration, options),
    '',
    composeLine(head, options),
    ...paragraph(sanitize(ending.reason), '  ', options),
    ...listFindings(orchestration, options),
    '',
    ...paragraph(nextStep(orchestration, ending), '  ', options),
  ]
}

/** `2 of 5 repositories have the branch`, and how many more have only a merged one. */
export function membership(orchestration: Orchestration): string {
  const { members, absent } = orchestration.plan
  const all = members.length + absent.length
  const merged = absent.filter((absentee) => absentee.merged).length
  const more = merged === 0 ? '' : `, ${merged} merged already`
  return `${members.length} of ${counted(all, 'repository')} ${members.length === 1 ? 'has' : 'have'} the branch${more}`
}

/** `repoB#1` for each pull request that was merged before. */
export function mergedNames(label: string, merged: MergedBranch | undefined): string[] {
  return merged ? merged.pullRequests.map(({ number }) => `${label}#${number}`) : []
}

/** Why this orchestration posts no status, and the consequence; null: it posts statuses. */
export function noStatus({ options, plan }: Orchestration): string | null {
  const unguarded = 'it will not notice another orchestration or a push while it builds'
  if (options.only !== null && !options.postStatus)
    return `no status will be posted (--only ${sanitize(options.only)}): ${unguarded}`
  if (!options.postStatus) return `no status will be posted (--no-status): ${unguarded}`
  return plan.targets.length === 0 ? `there is no open pull request: ${unguarded}` : null
}
