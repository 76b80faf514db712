import { assertNever } from '../../lib/assert-never.js'
import type { Event } from '../../model/build/events.js'
import type { Failure } from '../../model/failure.js'
import { repositoriesOf } from '../../model/graph.js'
import type { Orchestration, PostRound, VerificationStage } from '../../model/build/orchestration.js'
import { repoKey } from '../../model/repo-name.js'
import { sanitize, sanitizeLogLine } from '../../lib/sanitize.js'
import { counted, outcomeWords, statusWord } from '../views/job-view.js'
import { nextStep, suspensionText } from '../views/next-step.js'
import { labelRepositories } from '../repo-label.js'
import { endingWords, membership, noStatus } from '../views/summary.js'
import { formatDuration } from '../time-text.js'

/** One line of the plain forms: what it is about, one or two words, the rest. All harmless. */
export interface EventLine {
  subject: string
  word: string
  text: string
}

/** Says what an event means to a reader; an event that tells nothing new gives no line. It remembers what it has said. */
export type EventFormatter = (event: Event, orchestration: Orchestration) => EventLine[]

type PostEvent = Extract<Event, { type: 'status-posted' | 'status-failed' | 'status-withheld' }>
type SearchEvent = Extract<Event, { type: 'dispatch-ambiguous' | 'listing-failed' | 'run-adopted' }>
type RunEvent = Extract<Event, { type: 'run-observed' | 'run-absent' | 'observation-failed' }>

const roundWords: Record<PostRound, string> = {
  claim: 'locked',
  success: 'unlocked',
  closing: 'stays locked',
  revoke: 'locked again',
}

function failureText(failure: Failure): string {
  return [failure.message, ...(failure.remedy === undefined ? [] : [failure.remedy])].map(sanitize).join('; ')
}

function tellStart(orchestration: Orchestration): EventLine[] {
  const { plan } = orchestration
  const subject = sanitize(plan.branch)
  const pullRequests = plan.members.flatMap((member) => member.pullRequests)
  const silence = noStatus(orchestration)
  const text = `orchestration ${sanitize(orchestration.id)}: ${membership(orchestration)}, ${counted(pullRequests.length, 'open pull request')}${silence === null ? '' : `; ${silence}`}`
  return [
    { subject, word: 'started', text },
    ...plan.warnings.map((warning) => ({ subject, word: 'warning', text: sanitize(warning) })),
  ]
}

function tellPost(event: PostEvent, orchestration: Orchestration): EventLine[] {
  const { plan } = orchestration
  const label = labelRepositories(repositoriesOf(plan.graph))
  const target = plan.targets.find(({ repo }) => repoKey(repo) === repoKey(event.repo))
  return (target?.pullRequests ?? []).map((pullRequest) => {
    const subject = `${label(event.repo)}#${pullRequest.number}`
    if (event.type === 'status-posted') {
      const state = event.round === 'success' ? '' : `(${event.status.state})  `
      return { subject, word: roundWords[event.round], text: `${state}${sanitize(pullRequest.url)}` }
    }
    if (event.type === 'status-withheld') return { subject, word: 'left alone', text: sanitize(event.reason) }
    const wanted = event.round === 'success' ? 'not unlocked' : 'not locked'
    return { subject, word: wanted, text: failureText(event.failure) }
  })
}

function tellRun(event: RunEvent): EventLine {
  const subject = sanitize(event.job)
  switch (event.type) {
    case 'run-observed':
      return { subject, word: statusWord(event.run.status), text: '' }
    case 'run-absent':
      return { subject, word: 'missing', text: 'GitHub does not find the run; looking again' }
    case 'observation-failed':
      return { subject, word: 'not read', text: `${failureText(event.failure)}; looking again` }
    default:
      return assertNever(event)
  }
}

function tellSearch(event: SearchEvent): EventLine {
  const subject = sanitize(event.job)
  switch (event.type) {
    case 'dispatch-ambiguous': {
      const text = `for its run; whether one started is not known: ${failureText(event.failure)}`
      return { subject, word: 'searching', text }
    }
    case 'listing-failed':
      return { subject, word: 'not listed', text: `its runs: ${failureText(event.failure)}; looking again` }
    case 'run-adopted':
      return { subject, word: 'found', text: sanitize(event.url) }
    default:
      return assertNever(event)
  }
}

function tellEarlierHeads(
  { locked, failures }: Extract<Event, { type: 'earlier-heads-locked' }>,
  { plan }: Orchestration,
): EventLine[] {
  const label = labelRepositories(repositoriesOf(plan.graph))
  return [
    ...locked.map(({ repo, headSha }) => {
      const text = `${headSha.slice(0, 7)}, an earlier head, said success`
      return { subject: label(repo), word: 'locked', text }
    }),
    ...failures.map((failure) => {
      const text = `an earlier success may still stand: ${failureText(failure)}`
      return { subject: sanitize(plan.branch), word: 'warning', text }
    }),
  ]
}

function tellSettled(job: string, orchestration: Orchestration): EventLine[] {
  const state = orchestration.jobs.get(job)
  if (state?.phase !== 'settled') return []
  const time =
    state.dispatchedAt === null ? '' : ` after ${formatDuration(Math.max(0, state.settledAt - state.dispatchedAt))}`
  const link = state.url === null ? '' : `  ${sanitize(state.url)}`
  const word = outcomeWords[state.outcome]
  return [{ subject: sanitize(job), word: `${word}${time}`, text: `${sanitize(state.reason)}${link}` }]
}

function tellExplanation(event: Extract<Event, { type: 'failure-explained' }>): EventLine[] {
  const subject = sanitize(event.job)
  const { explanation } = event
  if (!explanation) {
    const why = event.failure ? `: ${failureText(event.failure)}` : ''
    return [{ subject, word: 'no log', text: `GitHub did not tell where it failed${why}` }]
  }
  const place = [explanation.workflowJob, explanation.step].filter((part) => part !== null).map(sanitize)
  const text = [place.join(' / '), sanitize(explanation.url)].filter((part) => part !== '').join('  ')
  return [
    { subject, word: 'failed at', text },
    ...(explanation.logFailure ? [{ subject, word: 'no log', text: failureText(explanation.logFailure) }] : []),
    ...explanation.logTail.map((line) => ({ subject, word: '|', text: sanitizeLogLine(line) })),
  ]
}

/** When a verification was made; empty where nothing is unlocked. */
function momentWords(stage: VerificationStage, { plan }: Orchestration): string {
  if (plan.targets.length === 0) return ''
  return stage === 'after-success' ? 'after unlocking: ' : 'before unlocking: '
}

function tellVerification(event: Extract<Event, { type: 'verified' }>, orchestration: Orchestration): EventLine[] {
  const { result, stage } = event
  const subject = sanitize(orchestration.plan.branch)
  switch (result.kind) {
    case 'unchanged':
      return [
        ...result.merged.map(({ message }) => ({ subject, word: 'merged', text: sanitize(message) })),
        ...(stage === 'while-building'
          ? []
          : [{ subject, word: 'verified', text: `${momentWords(stage, orchestration)}nothing moved` }]),
      ]
    case 'moved':
      return result.findings.map(({ message }) => ({ subject, word: 'changed', text: sanitize(message) }))
    case 'overtaken': {
      const text = `locking ${result.repos.map(sanitize).join(', ')} again: the older orchestration ${result.by.map(sanitize).join(', ')} spoke there`
      return [{ subject, word: 'overtaken', text }]
    }
    case 'unsettled':
      return [{ subject, word: 'unsettled', text: `${sanitize(result.reason)}; reading again` }]
    case 'unreadable':
      return [{ subject, word: 'not read', text: `${failureText(result.failure)}; reading again` }]
    default:
      return assertNever(result)
  }
}

function tellEnd(event: Extract<Event, { type: 'finished' }>, orchestration: Orchestration): EventLine[] {
  const subject = sanitize(orchestration.plan.branch)
  const time = formatDuration(event.at - orchestration.startedAt)
  return [
    { subject, word: endingWords[event.outcome], text: `${sanitize(event.reason)} (after ${time})` },
    { subject, word: 'next', text: nextStep(orchestration, event) },
  ]
}

function format(event: Event, orchestration: Orchestration): EventLine[] {
  switch (event.type) {
    case 'started':
      return tellStart(orchestration)
    case 'status-posted':
    case 'status-failed':
    case 'status-withheld':
      return tellPost(event, orchestration)
    case 'dispatch-accepted':
      return [{ subject: sanitize(event.job), word: 'dispatched', text: sanitize(event.url) }]
    case 'dispatch-ambiguous':
    case 'listing-failed':
    case 'run-adopted':
      return [tellSearch(event)]
    case 'dispatch-refused':
    case 'job-settled':
      return tellSettled(event.job, orchestration)
    case 'run-observed':
      return event.run.status === 'completed' ? [] : [tellRun(event)]
    case 'run-absent':
    case 'observation-failed':
      return [tellRun(event)]
    case 'cancel-requested': {
      const word = event.force ? 'cancelling by force' : 'cancelling'
      return [{ subject: sanitize(event.job), word, text: event.reason }]
    }
    case 'cancel-failed':
      return [{ subject: sanitize(event.job), word: 'not cancelled', text: failureText(event.failure) }]
    case 'rerun-requested': {
      const text = `attempt ${event.fromAttempt} did not succeed; its failed jobs run again`
      return [{ subject: sanitize(event.job), word: 'running again', text }]
    }
    case 'rerun-answered':
      return event.failure
        ? [{ subject: sanitize(event.job), word: 'not run again', text: failureText(event.failure) }]
        : []
    case 'run-restarted': {
      const text = `somebody ran it again on GitHub: attempt ${event.run.runAttempt}  ${sanitize(event.run.url)}`
      return [{ subject: sanitize(event.job), word: 'running again', text }]
    }
    case 'earlier-heads-locked':
      return tellEarlierHeads(event, orchestration)
    case 'failure-explained':
      return tellExplanation(event)
    case 'verified':
      return tellVerification(event, orchestration)
    case 'interrupted': {
      const why = event.cause === 'journal' ? 'the journal cannot be written any more' : sanitize(event.signal)
      return [
        { subject: sanitize(orchestration.plan.branch), word: 'interrupted', text: `${why}; cancelling what runs` },
      ]
    }
    case 'finished':
      return tellEnd(event, orchestration)
    case 'suspended':
      return [
        {
          subject: sanitize(orchestration.plan.branch),
          word: 'suspended',
          text: suspensionText(event.failure, orchestration),
        },
      ]
    case 'resumed': {
      const text = `orchestration ${sanitize(orchestration.id)}: this process goes on with it`
      return [{ subject: sanitize(orchestration.plan.branch), word: 'resumed', text }]
    }
    case 'job-status-failed': {
      const text = `its own status, so that a later run builds it again: ${failureText(event.failure)}`
      return [{ subject: sanitize(event.job), word: 'not posted', text }]
    }
    case 'runs-listed':
    case 'earlier-runs-listed':
    case 'job-status-requested':
    case 'job-status-posted':
    case 'status-requested':
    case 'dispatch-requested':
    case 'cancel-answered':
      return []
    default:
      return assertNever(event)
  }
}

/** What repeats itself while nothing changes: readings of one run, and of the change. */
function topicOf(event: Event): string | undefined {
  switch (event.type) {
    case 'run-observed':
    case 'run-absent':
    case 'observation-failed':
    case 'runs-listed':
    case 'listing-failed':
      return `run ${event.job}`
    case 'verified':
      return `change ${event.stage}`
    default:
      return undefined
  }
}

/** A teller that has said nothing yet. */
export function createEventFormatter(): EventFormatter {
  const said = new Map<string, string>()
  return (event, orchestration) => {
    const lines = format(event, orchestration)
    const topic = topicOf(event)
    if (topic === undefined) return lines
    const saying = JSON.stringify(lines)
    if (said.get(topic) === saying) return []
    said.set(topic, saying)
    return lines
  }
}
