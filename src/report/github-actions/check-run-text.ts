import { markdownSafe, sanitize } from '../../lib/sanitize.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import { formatDuration } from '../time-text.js'
import { countJobs, viewJobs } from '../views/job-view.js'
import { nextStep } from '../views/next-step.js'
import { endingWords } from '../views/summary.js'
import { diagram, failures, fit, jobTable } from './step-summary.js'

/** The texts of a check run. The last two are GitHub Markdown, with text from outside made harmless. */
export interface CheckRunText {
  title: string
  /** The graph with the state of each job. */
  summary: string
  /** The failed jobs with the last lines of their logs; empty: none failed. */
  text: string
}

/** GitHub accepts 65,535 characters for each. */
const maxBytes = 60_000
const accepted = '65,535 characters'

/** @param ending null: the orchestration is in progress */
export function renderCheckRun(orchestration: Orchestration, ending: Ending | null, at: number): CheckRunText {
  const views = viewJobs(orchestration, at)
  const branch = sanitize(orchestration.plan.branch)
  const time = formatDuration(at - orchestration.startedAt)
  const reason =
    ending === null ? [] : [`${markdownSafe(ending.reason)}  `, markdownSafe(nextStep(orchestration, ending))]
  const lines = [
    ...reason,
    ...diagram(orchestration, at),
    '',
    ...jobTable(views),
    '',
    `Orchestration ${markdownSafe(orchestration.id)}`,
  ]
  const failed = failures(orchestration)
  return {
    title:
      ending === null ? `${branch}: ${countJobs(views)}` : `${branch} ${endingWords[ending.outcome]} after ${time}`,
    summary: fit(lines, maxBytes, accepted),
    text: failed.length === 0 ? '' : fit(failed, maxBytes, accepted),
  }
}
