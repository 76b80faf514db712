import type { Orchestration } from '../../model/build/orchestration.js'
import type { PostRound } from '../../model/build/state/post-state.js'
import { countJobs } from '../views/job-view.js'
import type { JobView } from '../views/job-view.js'
import { sanitize, webAddress } from '../../lib/sanitize.js'
import { cutSign, markSpan, measureLine } from '../style.js'
import type { ScreenLine } from './live-screen.js'
import type { Span, ViewOptions } from '../style.js'
import { formatDuration } from '../time-text.js'
import { column, displayWidth, pad } from '../../lib/text-width.js'

/** A run's address in the longest form that fits: whole, without its scheme, or only its path. */
function linkSpan(url: string, room: number, options: ViewOptions): Span {
  const text = sanitize(url)
  if (options.hyperlinks === true && webAddress(url) !== null) {
    return { text: `run ${text.split('/').at(-1) ?? ''}`, paint: 'dim', url }
  }
  const forms = [text, text.replace(/^https?:\/\//u, ''), text.replace(/^https?:\/\/[^/]*\//u, '')]
  return { text: forms.find((form) => displayWidth(form) <= room) ?? forms.at(-1) ?? text, paint: 'dim' }
}

/** One job as one line that fits the columns: sign, name, state, elapsed time, then the link or a detail. */
export function liveRow(view: JobView, nameWidth: number, options: ViewOptions): ScreenLine {
  const time = view.elapsedMs === null ? '' : formatDuration(view.elapsedMs)
  const name = column(view.job, nameWidth, cutSign(options))
  const head = `${name}  ${pad(view.word, 11)}  ${time.padStart(7)}`
  const spans: (Span | string)[] = [
    markSpan(view.mark, options),
    ` ${name}  `,
    { text: pad(view.word, 11), paint: view.paint },
    `  ${time.padStart(7)}  `,
  ]
  const room = options.columns - displayWidth(head) - 4
  const hasProblem = view.displayState === 'active' && view.detail !== ''
  if (view.url !== null && !hasProblem) spans.push(linkSpan(view.url, room, options))
  else spans.push({ text: view.detail, paint: 'dim' })
  return measureLine(spans, options)
}

/** Lower ranks are shown first if not everything fits. */
function rank(view: JobView): number {
  switch (view.displayState) {
    case 'active':
      return 0
    case 'failed':
    case 'cancelled':
      return 1
    case 'waiting':
      return 2
    default:
      return 3
  }
}

/** The indexes of the jobs to show in `room` lines, in the plan's order: active jobs are chosen first, then failed, then waiting ones. */
export function chooseRows(views: readonly JobView[], room: number): number[] {
  return views
    .map((view, index) => ({ index, rank: rank(view) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, Math.max(0, room))
    .map(({ index }) => index)
    .sort((a, b) => a - b)
}

/** Width of the name column: that of the longest name, at most 24. */
export function nameWidthOf(views: readonly JobView[]): number {
  return Math.min(24, Math.max(0, ...views.map((view) => displayWidth(view.job))))
}

/** The line with the number of jobs in each state. */
export function countRow(views: readonly JobView[], elapsedMs: number, options: ViewOptions): ScreenLine {
  return measureLine([{ text: `${countJobs(views)}  ${formatDuration(elapsedMs)}`, paint: 'dim' }], options)
}

/** The stage that follows the builds; undefined while there are only builds. */
export function stageRow(orchestration: Orchestration, options: ViewOptions): ScreenLine | undefined {
  const rounds = [...orchestration.posts.values()]
  const posted = (round: PostRound): string => {
    const wanted = orchestration.plan.targets.length
    return `${rounds.filter((posts) => posts[round]?.phase === 'posted').length} of ${wanted}`
  }
  const has = (round: PostRound): boolean => rounds.some((posts) => posts[round] !== undefined)
  const stages: [isReached: boolean, text: string][] = [
    [orchestration.interrupted !== null, 'interrupted: cancelling its runs'],
    [has('revoke'), `locking again: ${posted('revoke')}`],
    [has('closing'), `posting the end: ${posted('closing')}`],
    [has('success'), `unlocking: ${posted('success')}`],
    [orchestration.verifications['before-success'] !== undefined, 'verifying that nothing moved'],
  ]
  const text = stages.find(([isReached]) => isReached)?.[1]
  return text === undefined ? undefined : measureLine([{ text, paint: 'cyan' }], options)
}
