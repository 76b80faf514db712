import type { Estimate, PlannedWrites } from '../../model/build/estimate.js'
import { writeLimits } from '../../model/write-limits.js'
import { sanitize } from '../../lib/sanitize.js'
import { counted } from '../../lib/counted.js'
import { cutSign } from '../style.js'
import { paint } from '../paint.js'
import type { ViewOptions } from '../style.js'
import { paragraph } from './summary.js'
import { formatDuration } from '../time-text.js'
import { cut } from '../../lib/text-width.js'

/** Names that a line lists; the rest is counted. */
const maxNames = 12
const maxNameWidth = 30

/** A job's name as text to show. */
type NameOf = (job: string) => string

/** The estimate of a run as lines: makespan, critical path, writes, and the delay by GitHub's limits. */
export function estimateLines(estimate: Estimate, options: ViewOptions): string[] {
  const { builds, criticalPath, writes } = estimate
  const nameOf: NameOf = (job) => cut(sanitize(job), maxNameWidth, cutSign(options))
  const [title = '', ...rest] = paragraph(titleOf(estimate, nameOf), '', options)
  const details = [
    ...(builds === 0 ? [] : [pathText(estimate, criticalPath, nameOf)]),
    writesText(writes),
    ...limitsText(estimate),
  ]
  return [
    ...[title, ...rest].map((line) => paint(line, 'bold', options)),
    ...details.flatMap((text) => paragraph(text, '  ', options)),
  ]
}

function titleOf({ builds, unknownJobs, makespanMs, unlockedMs }: Estimate, nameOf: NameOf): string {
  if (builds === 0) return 'Nothing is built'
  if (makespanMs === null) return 'Expected makespan: not known, because these builds have no earlier runs'
  const atLeast = unknownJobs.length === 0 ? '' : 'at least '
  const isLater = unlockedMs !== null && unlockedMs - makespanMs >= 1000
  const unlocked = isLater ? `, unlocked after ${formatDuration(unlockedMs)}` : ''
  const unknown =
    unknownJobs.length === 0
      ? ''
      : `, without ${counted(unknownJobs.length, 'build')} of unknown duration: ${listed(unknownJobs, nameOf)}`
  return `Expected makespan: ${atLeast}${formatDuration(makespanMs)}${unlocked}${unknown}`
}

function pathText({ criticalPathMs, unknownJobs }: Estimate, path: Estimate['criticalPath'], nameOf: NameOf): string {
  if (criticalPathMs === null) return `longest chain of builds: ${listed(path, ({ job }) => nameOf(job))}`
  const atLeast = unknownJobs.length === 0 ? '' : 'at least '
  const jobs = listed(
    path,
    ({ job, usualMs }) => `${nameOf(job)} ${usualMs === null ? 'not known' : formatDuration(usualMs)}`,
  )
  return `critical path: ${atLeast}${formatDuration(criticalPathMs)} (${jobs})`
}

function listed<T>(items: readonly T[], textOf: (item: T) => string): string {
  const more = items.length > maxNames ? ` and ${items.length - maxNames} more` : ''
  return `${items.slice(0, maxNames).map(textOf).join(', ')}${more}`
}

function writesText({ claims, dispatches, jobStatuses, successes }: PlannedWrites): string {
  const parts = [
    [claims, 'claim'],
    [dispatches, 'dispatch'],
    [jobStatuses, 'job status'],
    [successes, 'success'],
  ] as const
  const texts = parts.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun))
  const all = claims + dispatches + jobStatuses + successes
  return all === 0 ? 'nothing is written to GitHub' : `${counted(all, 'write')} to GitHub: ${texts.join(', ')}`
}

function limitsText({ limits: { minuteMs, hourMs }, unknownJobs, writes }: Estimate): string[] {
  if (Object.values(writes).every((count) => count === 0)) return []
  const all = minuteMs + hourMs
  if (all < 1000) return [`GitHub's limits delay ${all === 0 ? 'none of them' : 'them by less than a second'}`]
  const { burst, refillMs, perMinute, perHour } = writeLimits
  const pace = `${burst} are sent at once, then one every ${refillMs / 1000} s, at most ${perMinute} in a minute`
  const rules = hourMs === 0 ? pace : `${pace} and ${perHour} in an hour (${formatDuration(hourMs)} of it)`
  const upTo = unknownJobs.length === 0 ? '' : 'up to '
  return [`GitHub's limits make it ${upTo}${formatDuration(all)} longer: ${rules}`]
}
