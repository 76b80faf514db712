import { assertNever } from '../../lib/assert-never.js'
import type { Event } from '../../model/build/events.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import type { PauseReporter } from '../../ports/reporter.js'
import { sanitize, workflowMessageSafe, workflowPropertySafe } from '../../lib/sanitize.js'
import { approvalText, rejectionText, viewJobs } from '../views/job-view.js'
import { suspensionText } from '../views/next-step.js'
import type { Output } from '../output.js'
import { pauseText } from '../views/pause-view.js'
import { createPlainWriter, plainPause } from '../plain/plain.js'
import { stepOutputs } from './step-outputs.js'
import { renderStepSummary } from './step-summary.js'
import { endingWords } from '../views/summary.js'

export interface GitHubActionsOptions {
  /** The step's log. */
  output: Output
  /** Appends to the file behind GITHUB_STEP_SUMMARY; left out: there is none. */
  appendSummary?: (text: string) => Promise<void>
  /** Appends to the file behind GITHUB_OUTPUT; left out: there is none. */
  appendOutput?: (text: string) => Promise<void>
  /** A new random word of at least 16 letters and digits, so that no value contains it. */
  randomToken: () => string
}

/** GitHub shows about ten annotations of a kind for each step. */
const maxAnnotations = 9

/** The group of the log that an event belongs to; undefined: the current one. */
function groupOf(event: Event): string | undefined {
  switch (event.type) {
    case 'started':
      return 'Plan'
    case 'earlier-heads-locked':
      return 'Lock the pull requests'
    case 'status-requested':
    case 'status-posted':
    case 'status-failed':
    case 'status-withheld':
      return event.round === 'claim' ? 'Lock the pull requests' : 'Verify and post'
    case 'verified':
      return event.stage === 'while-building' ? 'Builds' : 'Verify and post'
    case 'dispatch-requested':
    case 'dispatch-accepted':
    case 'dispatch-refused':
    case 'dispatch-ambiguous':
    case 'runs-listed':
    case 'earlier-runs-listed':
    case 'listing-failed':
    case 'run-adopted':
    case 'run-observed':
    case 'run-absent':
    case 'observation-failed':
    case 'pending-deployments-read':
    case 'cancel-requested':
    case 'cancel-answered':
    case 'lost-runs-listed':
    case 'lost-run-cancelled':
    case 'cancel-failed':
    case 'rerun-requested':
    case 'rerun-answered':
    case 'run-restarted':
    case 'job-settled':
    case 'job-status-requested':
    case 'job-status-posted':
    case 'job-status-failed':
    case 'resumed':
    case 'interrupted':
      return 'Builds'
    case 'failure-explained':
      return `Log of ${event.job}`
    case 'suspended':
    case 'finished':
      return undefined
    default:
      return assertNever(event)
  }
}

function annotation(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${kind} title=${workflowPropertySafe(title)}::${workflowMessageSafe(message)}\n`
}

/** One annotation for each job that failed, then one for the orchestration. */
function annotateEnd(orchestration: Orchestration, ending: Ending, at: number): string {
  if (ending.outcome === 'succeeded') return ''
  const views = viewJobs(orchestration, at)
  const failed = orchestration.plan.jobs.flatMap(({ job }, index) => {
    const view = views[index]
    return view?.displayState === 'failed' ? [{ state: orchestration.jobs.get(job), view }] : []
  })
  const jobs = failed.slice(0, maxAnnotations).map(({ state, view }) => {
    const explanation = state?.phase === 'settled' ? state.explanation : undefined
    const place = [explanation?.workflowJob, explanation?.step].filter((part) => typeof part === 'string').map(sanitize)
    const rejected = explanation?.rejection ? `rejected ${rejectionText(explanation.rejection)}` : ''
    const lines = [view.detail, place.join(' / '), rejected, sanitize(explanation?.url ?? view.url ?? '')]
    return annotation('error', `${view.job} ${view.word}`, lines.filter((line) => line !== '').join('\n'))
  })
  const title = `${orchestration.plan.branch} ${endingWords[ending.outcome]}`
  const rest = failed.length - maxAnnotations
  const more = rest > 0 ? `; ${rest} more failed ${rest === 1 ? 'job is' : 'jobs are'} in the log` : ''
  const kind = ending.outcome === 'held' ? 'warning' : 'error'
  return [...jobs, annotation(kind, title, `${sanitize(ending.reason)}${more}`)].join('')
}

/**
 * The log of a GitHub Actions step: plain lines in groups, annotations for failures, and at the end the step's outputs and summary.
 * If one of these two files cannot be written, a warning is printed: it does not change the outcome of the orchestration.
 */
export function createGitHubActionsReporter(options: GitHubActionsOptions): PauseReporter {
  const { output } = options
  const write = createPlainWriter()
  let group: string | undefined
  let end: { orchestration: Orchestration; ending: Ending; at: number } | undefined

  const closeGroup = (): void => {
    if (group !== undefined) output.write('::endgroup::\n')
    group = undefined
  }
  const openGroup = (wanted: string | undefined): void => {
    if (wanted === undefined || wanted === group) return
    closeGroup()
    output.write(`::group::${workflowMessageSafe(sanitize(wanted))}\n`)
    group = wanted
  }

  const append = async (name: string, write: GitHubActionsOptions['appendOutput'], text: string): Promise<void> => {
    try {
      await write?.(text)
    } catch (error) {
      const reason = sanitize(error instanceof Error ? error.message : String(error))
      output.write(annotation('warning', `${name} not written`, `The file of ${name} could not be written: ${reason}`))
    }
  }

  return {
    report(event, orchestration) {
      const lines = write(event, orchestration)
      if (event.type === 'finished') closeGroup()
      else if (lines.length > 0) openGroup(groupOf(event))
      output.write(lines.map((line) => `${line}\n`).join(''))
      if (event.type === 'started') {
        const { plan } = orchestration
        for (const warning of plan.warnings.slice(0, maxAnnotations)) {
          output.write(annotation('warning', plan.branch, sanitize(warning)))
        }
      }
      if (event.type === 'pending-deployments-read') {
        const text = `${approvalText(event)}\n${sanitize(event.url)}`
        output.write(annotation('notice', `${sanitize(event.job)} waits for an approval`, text))
      }
      if (event.type === 'suspended') {
        closeGroup()
        output.write(
          annotation('error', `${orchestration.plan.branch} suspended`, suspensionText(event.failure, orchestration)),
        )
      }
      if (event.type !== 'finished') return
      output.write(annotateEnd(orchestration, event, event.at))
      end = { orchestration, ending: event, at: event.at }
    },
    pause(pause) {
      output.write(plainPause(pause) + annotation('notice', 'Waiting for GitHub', pauseText(pause)))
    },
    async close() {
      closeGroup()
      if (end) {
        const { orchestration, ending, at } = end
        const outputs = stepOutputs(orchestration, ending, options.randomToken)
        await append('GITHUB_OUTPUT', options.appendOutput, outputs)
        await append('GITHUB_STEP_SUMMARY', options.appendSummary, renderStepSummary(orchestration, ending, at))
      }
      await output.flush()
    },
  }
}
