import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { Absentee } from '../../model/build/plan.js'
import { repoKey } from '../../model/repo-name.js'
import type { Pause } from '../../ports/pause.js'
import { sanitize } from '../../lib/sanitize.js'
import { counted } from '../../lib/counted.js'
import { suspensionText } from '../views/next-step.js'
import { pauseText } from '../views/pause-view.js'
import { labelRepositories } from '../repo-label.js'
import { repositoriesOf } from '../../model/graph.js'
import { composeLine, markSpan } from '../style.js'
import { paint } from '../paint.js'
import type { ViewOptions } from '../style.js'
import { approvalText } from '../views/job-view.js'
import { membership, mergedNames, noStatus, paragraph } from '../views/summary.js'
import type { EventOf } from '../event-of.js'

/** The lines above the jobs: the change, the orchestration, the repositories without the branch, warnings. */
export function headLines(orchestration: Orchestration, options: ViewOptions): string[] {
  const { plan } = orchestration
  const label = labelRepositories(repositoriesOf(plan.graph))
  const head = composeLine(
    [
      { text: sanitize(plan.branch), paint: 'bold' },
      `  ${membership(orchestration)}  `,
      { text: sanitize(orchestration.id), paint: 'dim' },
    ],
    options,
  )
  const unguarded = noStatus(orchestration)
  return [
    head,
    ...listLines(
      'without the branch',
      plan.absent.filter(({ merged }) => !merged).map((absentee) => `${label(absentee.repo)}${builtNote(absentee)}`),
      options,
    ),
    ...listLines(
      'merged already',
      plan.absent.flatMap((absentee) => mergedNames(`${label(absentee.repo)}${builtNote(absentee)}`, absentee.merged)),
      options,
    ),
    ...(unguarded === null ? [] : paragraph(unguarded, '  ', options)),
    ...plan.warnings.flatMap((warning) =>
      paragraph(`! ${sanitize(warning)}`, '  ', options).map((line) => paint(line, 'yellow', options)),
    ),
  ]
}

/** ` (main is built)`, where a job builds the default branch. */
function builtNote({ isBuilt, defaultBranch }: Absentee): string {
  return isBuilt === true ? ` (${sanitize(defaultBranch)} is built)` : ''
}

/** Names in at most two lines: each job's row shows the reason again. */
function listLines(title: string, names: readonly string[], options: ViewOptions): string[] {
  const linesFor = (count: number): string[] => {
    const rest = names.length - count
    const more = rest === 0 ? '' : ` and ${rest} more`
    return paragraph(`${title}: ${names.slice(0, count).join(', ')}${more}`, '  ', options)
  }
  if (names.length === 0) return []
  let count = 1
  while (count < names.length && linesFor(count + 1).length <= 2) count += 1
  return linesFor(count)
}

/** `2 pull requests locked`, once GitHub answered for every head; undefined before that, and if there is nothing to lock. */
export function claimLine(orchestration: Orchestration, options: ViewOptions): string | undefined {
  const { targets } = orchestration.plan
  if (targets.length === 0 || !orchestration.options.postStatus) return undefined
  const claims = targets.map(({ repo, pullRequests }) => ({
    phase: orchestration.posts.get(repoKey(repo))?.claim?.phase,
    count: pullRequests.length,
  }))
  if (claims.some(({ phase }) => phase === undefined || phase === 'requested')) return undefined
  const sum = (isPosted: boolean): number =>
    claims.filter(({ phase }) => (phase === 'posted') === isPosted).reduce((total, { count }) => total + count, 0)
  const failed = sum(false)
  const locked = `${counted(sum(true), 'pull request')} locked`
  if (failed === 0) return composeLine([markSpan('good', options), ` ${locked}`], options)
  return composeLine([markSpan('warning', options), ` ${locked}, ${failed} could not be locked`], options)
}

/** Shown when another process continues an orchestration. */
export function resumeLine(orchestration: Orchestration, options: ViewOptions): string {
  const text = ` resumed: this process continues orchestration ${sanitize(orchestration.id)}`
  return composeLine([markSpan('warning', options), text], options)
}

/** Shown at once after Ctrl-C. */
export function interruptLine(event: Extract<Event, { type: 'interrupted' }>, options: ViewOptions): string {
  const text =
    event.cause === 'journal'
      ? ' the journal cannot be written any more: cancelling its runs'
      : ` ${sanitize(event.signal)}: cancelling its runs; a second one exits at once`
  return composeLine([markSpan('warning', options), text], options)
}

/** Shown when a run begins to wait for an approval: on what, by whom, and the page on which it is reviewed. */
export function approvalLines(event: EventOf<'pending-deployments-read'>, options: ViewOptions): string {
  const text = `${sanitize(event.job)} waits ${approvalText(event)}`
  const [first = '', ...rest] = paragraph(text, '  ', options)
  const head = `${composeLine([markSpan('warning', options)], options)} ${first.trimStart()}`
  // An address must not be cut.
  return [head, ...rest, `    ${paint(sanitize(event.url), 'dim', options)}`].join('\n')
}

/** Shown when GitHub refuses the token. */
export function suspendedLine(
  event: Extract<Event, { type: 'suspended' }>,
  orchestration: Orchestration,
  options: ViewOptions,
): string {
  const text = suspensionText(event.failure, orchestration)
  return [composeLine([markSpan('bad', options), ' suspended:'], options), ...paragraph(text, '  ', options)].join('\n')
}

/** Shown when requests start to wait for the end of a limit. */
export function pauseLine(pause: Pause, options: ViewOptions): string {
  return composeLine([markSpan('warning', options), ` ${pauseText(pause)}`], options)
}
