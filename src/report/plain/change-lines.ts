import { assertNever } from '../../lib/assert-never.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { JoiningMember, VerificationStage } from '../../model/build/state/verification.js'
import { describeBlocker } from '../../model/merge-blocker.js'
import { repositoriesOf } from '../../model/graph.js'
import type { EventJson } from '../../model/wire/run-events.js'
import type { JobEventJson } from '../../model/wire/job-events.js'
import type { StatusEventJson } from '../../model/wire/status-events.js'
import type { EventOf } from '../event-of.js'
import { labelRepositories } from '../repo-label.js'
import { formatDuration } from '../time-text.js'
import { counted, plural } from '../../lib/counted.js'
import { nextStep, suspensionText } from '../views/next-step.js'
import { endingWords, membership, noStatus } from '../views/summary.js'
import { failureText } from './plain-line.js'
import type { LineFormatters, PlainLine } from './plain-line.js'

/** The lines about the whole change. */
export const changeLines: LineFormatters<Exclude<EventJson['type'], JobEventJson['type'] | StatusEventJson['type']>> = {
  started: startLines,
  verified: verificationLines,
  'earlier-heads-locked': earlierHeadLines,
  suspended: ({ failure }, orchestration) =>
    branchLine(orchestration, 'suspended', suspensionText(failure, orchestration)),
  interrupted: ({ cause, signal }, orchestration) => {
    const why = cause === 'journal' ? 'the journal cannot be written any more' : sanitize(signal)
    return branchLine(orchestration, 'interrupted', `${why}; cancelling its runs`)
  },
  resumed: (_event, orchestration) =>
    branchLine(orchestration, 'resumed', `orchestration ${sanitize(orchestration.id)}: this process continues it`),
  finished: endLines,
}

function branchLine({ plan }: Orchestration, word: string, text: string): [PlainLine] {
  return [{ subject: sanitize(plan.branch), word, text }]
}

function startLines(_event: EventOf<'started'>, orchestration: Orchestration): PlainLine[] {
  const { plan, id } = orchestration
  const pullRequests = plan.members.flatMap((member) => member.pullRequests)
  const unguarded = noStatus(orchestration)
  const text = `orchestration ${sanitize(id)}: ${membership(orchestration)}, ${counted(pullRequests.length, 'open pull request')}`
  return [
    ...branchLine(orchestration, 'started', unguarded === null ? text : `${text}; ${unguarded}`),
    ...plan.warnings.flatMap((warning) => branchLine(orchestration, 'warning', sanitize(warning))),
  ]
}

function earlierHeadLines(
  { locked, failures }: EventOf<'earlier-heads-locked'>,
  orchestration: Orchestration,
): PlainLine[] {
  const label = labelRepositories(repositoriesOf(orchestration.plan.graph))
  return [
    ...locked.map(({ repo, headSha }) => {
      const text = `${headSha.slice(0, 7)}, an earlier head that had success`
      return { subject: label(repo), word: 'locked', text }
    }),
    ...failures.flatMap((failure) =>
      branchLine(orchestration, 'warning', `an earlier head may still have success: ${failureText(failure)}`),
    ),
  ]
}

function verificationLines({ result, stage }: EventOf<'verified'>, orchestration: Orchestration): PlainLine[] {
  switch (result.kind) {
    case 'unchanged':
      return [
        ...result.merged.flatMap(({ message }) => branchLine(orchestration, 'merged', sanitize(message))),
        ...(stage === 'while-building'
          ? []
          : branchLine(orchestration, 'verified', `${stageText(stage, orchestration)}nothing moved`)),
      ]
    case 'blocked': {
      const why = result.blockers.map((blocker) => sanitize(describeBlocker(blocker))).join('; ')
      return branchLine(orchestration, 'blocked', why)
    }
    case 'moved':
      return result.findings.flatMap(({ message }) => branchLine(orchestration, 'changed', sanitize(message)))
    case 'joined':
      return [
        ...result.merged.flatMap(({ message }) => branchLine(orchestration, 'merged', sanitize(message))),
        ...branchLine(orchestration, 'joined', joinedText(result.members)),
      ]
    case 'overtaken': {
      const [heads, others] = [result.repos, result.by].map((names) => names.map(sanitize).join(', '))
      const older = plural(result.by.length, 'orchestration')
      const text = `locking ${heads} again: the older ${older} ${others} posted there`
      return branchLine(orchestration, 'overtaken', text)
    }
    case 'unsettled':
      return branchLine(orchestration, 'unsettled', `${sanitize(result.reason)}; reading again`)
    case 'unreadable':
      return branchLine(orchestration, 'not read', `${failureText(result.failure)}; reading again`)
    default:
      return assertNever(result)
  }
}

/** `acme/repoD#7 was opened at the tested commit; acme/repoB#2 takes the place of #1`. */
function joinedText(members: readonly JoiningMember[]): string {
  return members
    .map(({ repo, pullRequests, replaced }) => {
      const names = pullRequests.map(({ number }) => `${sanitize(repo)}#${number}`).join(', ')
      const verb = pullRequests.length === 1 ? 'was' : 'were'
      const instead = replaced.length === 0 ? '' : ` in place of ${replaced.map((number) => `#${number}`).join(', ')}`
      return `${names} ${verb} opened at the planned commit${instead}`
    })
    .join('; ')
}

const stageTexts = {
  'before-success': 'before unlocking: ',
  'after-success': 'after unlocking: ',
  'after-revocation': 'after locking again: ',
}

/** When a verification was made; empty if nothing is unlocked. */
function stageText(stage: Exclude<VerificationStage, 'while-building'>, { plan }: Orchestration): string {
  if (plan.targets.length === 0) return ''
  return stageTexts[stage]
}

function endLines(event: EventOf<'finished'>, orchestration: Orchestration): PlainLine[] {
  const { outcome, reason, at } = event
  const time = formatDuration(at - orchestration.startedAt)
  return [
    ...branchLine(orchestration, endingWords[outcome], `${sanitize(reason)} (after ${time})`),
    ...branchLine(orchestration, 'next', nextStep(orchestration, event)),
  ]
}
