import { Buffer } from 'node:buffer'
import { repositoriesOf } from '../../model/graph.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import { sanitizeLogLine, markdownSafe, webAddress } from '../../lib/sanitize.js'
import { counted } from '../../lib/counted.js'
import { rejectionText, viewJobs } from '../views/job-view.js'
import type { JobView } from '../views/job-view.js'
import { drawMermaid, fitsMermaid } from '../graph/mermaid.js'
import { viewBuiltGraph } from '../views/graph-view.js'
import { nextStep } from '../views/next-step.js'
import { outcomeWord } from '../views/summary.js'
import { pullRequestResults } from '../views/pull-request-results.js'
import { endingWords } from '../views/summary.js'
import { formatDuration } from '../time-text.js'
import { labelRepositories } from '../repo-label.js'

/** GitHub accepts 1 MiB for one step; the step may have written some of it before. */
const maxBytes = 1_000_000

function link(text: string, url: string | null): string {
  const address = url === null ? null : webAddress(url)
  return address === null ? markdownSafe(text) : `[${markdownSafe(text)}](${address})`
}

const signs: Record<JobView['mark'], string> = {
  good: '✅',
  bad: '❌',
  skipped: '⏭️',
  active: '🔵',
  waiting: '⏳',
  warning: '⚠️',
  unknown: '❔',
}

function jobRow(view: JobView): string {
  const time = view.elapsedMs === null ? '' : formatDuration(view.elapsedMs)
  const page = view.url === null ? '' : link('run', view.url)
  return `| ${markdownSafe(view.job)} | ${signs[view.mark]} ${markdownSafe(view.word)} | ${time} | ${page} | ${markdownSafe(view.detail)} |`
}

/** The jobs, one row each. */
export function jobTable(views: readonly JobView[]): string[] {
  return ['| Job | State | Duration | Link | Why |', '| --- | --- | --- | --- | --- |', ...views.map(jobRow)]
}

function pullRequestTable(orchestration: Orchestration): string[] {
  const results = pullRequestResults(orchestration)
  if (results.length === 0) return []
  const label = labelRepositories(repositoriesOf(orchestration.plan.graph))
  const rows = results.map(({ repo, pullRequest, outcome, detail }) => {
    const name = link(`${label(repo)}#${pullRequest.number}`, pullRequest.url)
    return `| ${name} | ${markdownSafe(pullRequest.title)} | ${outcomeWord(outcome)} | ${markdownSafe(detail)} |`
  })
  return ['', '| Pull request | Title | Status | |', '| --- | --- | --- | --- |', ...rows]
}

/** Log lines as one line of HTML: a log line could close a fence, and a blank line would end the block. */
function logBlock(lines: readonly string[]): string[] {
  if (lines.length === 0) return []
  const body = lines.map((line) => markdownSafe(sanitizeLogLine(line))).join('&#10;')
  return ['', `<details><summary>Last lines of the log</summary><pre>${body}</pre></details>`]
}

/** The failed jobs, each with the last lines of its log. */
export function failures(orchestration: Orchestration): string[] {
  return orchestration.plan.jobs.flatMap(({ job }) => {
    const state = orchestration.jobs.get(job)
    if (state?.phase !== 'settled' || !state.explanation) return []
    const { workflowJob, step, url, logTail, logFailure, rejection } = state.explanation
    const place = [job, workflowJob, step].filter((part) => part !== null).join(' / ')
    const rejected = rejection ? ['', markdownSafe(`Rejected ${rejectionText(rejection)}`)] : []
    const missing = logFailure ? ['', markdownSafe(`No log: ${logFailure.message}`)] : []
    return ['', `**${link(place, url)}**`, ...rejected, ...missing, ...logBlock(logTail)]
  })
}

/** The graph as a picture, coloured by the state at `at` (ms, UTC). */
export function diagram(orchestration: Orchestration, at: number): string[] {
  const jobs = viewBuiltGraph(orchestration, at)
  if (!fitsMermaid(jobs)) return ['', `The graph has ${counted(jobs.length, 'job')}: too many to draw.`]
  return ['', '```mermaid', drawMermaid(jobs), '```']
}

/** The lines that fit `limit` bytes of UTF-8, with a note about the rest. `accepted`: what GitHub accepts, for that note. */
export function fit(lines: readonly string[], limit: number, accepted: string): string {
  const kept: string[] = []
  let bytes = 0
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > limit - 200) {
      return `${[...kept, '', `… ${counted(lines.length - kept.length, 'line')} omitted: GitHub accepts ${accepted}.`].join('\n')}\n`
    }
    kept.push(line)
  }
  return `${kept.join('\n')}\n`
}

/** The step summary (GitHub Markdown, less than 1 MiB): outcome, diagram, table of jobs, pull requests, failures. */
export function renderStepSummary(orchestration: Orchestration, ending: Ending, endedAt: number): string {
  const views = viewJobs(orchestration, endedAt)
  const sign = ending.outcome === 'succeeded' ? '✅' : ending.outcome === 'held' ? '⏸️' : '❌'
  const time = formatDuration(endedAt - orchestration.startedAt)
  const lines = [
    `### ${sign} ${markdownSafe(orchestration.plan.branch)} ${endingWords[ending.outcome]} after ${time}`,
    '',
    `${markdownSafe(ending.reason)}  `,
    markdownSafe(nextStep(orchestration, ending)),
    ...diagram(orchestration, endedAt),
    '',
    ...jobTable(views),
    ...pullRequestTable(orchestration),
    ...failures(orchestration),
    '',
    `Orchestration ${markdownSafe(orchestration.id)}, set digest ${markdownSafe(orchestration.plan.setDigest)}`,
  ]
  return fit(lines, maxBytes, '1 MiB')
}
