import { assertNever } from '../../lib/assert-never.js'
import type { BuiltDefaultBranch, ChangeStatus, RepositoryStatus } from '../../model/change-status.js'
import { baseNotes } from '../../model/base-branch.js'
import { definiteBlockers, describeBlocker } from '../../model/merge-blocker.js'
import type { MergeBlocker } from '../../model/merge-blocker.js'
import { mergeQueueNote } from '../../model/merge-queue.js'
import { shortDigest } from '../../model/set-digest.js'
import { listed } from '../../lib/listed.js'
import { reasonsOf } from './change-reasons.js'
import { sanitize } from '../../lib/sanitize.js'
import { labelRepositories } from '../repo-label.js'
import type { RepoLabel } from '../repo-label.js'
import { composeLine, cutSign } from '../style.js'
import type { Span, ViewOptions } from '../style.js'
import type { Paint } from '../paint.js'
import { paragraph } from './summary.js'
import { cut, displayWidth, pad } from '../../lib/text-width.js'

const columns = ['Repository', 'Branch', 'Head', 'Pull request', 'Status', 'Digest'] as const
const maxWidths = [24, 18, 7, 16, 10, 8] as const
/** The columns that a narrow terminal does not show, the first of them first. */
const dispensable = ['Head', 'Pull request'] as const
/** The columns that are cut where leaving others out is not enough, the first of them first. */
const shortened = ['Branch', 'Repository'] as const
const minWidth = 8
const gap = '  '

const statePaints: Record<string, Paint> = { success: 'green', pending: 'yellow', failure: 'red', error: 'red' }

function cellsOf(row: RepositoryStatus, branch: string, label: RepoLabel): Span[] {
  const name = { text: label(row.repo) }
  switch (row.kind) {
    case 'absent':
      return row.built === undefined
        ? [name, { text: 'absent', paint: 'dim' }]
        : [name, { text: sanitize(row.built.defaultBranch) }, { text: sanitize(row.built.headSha.slice(0, 7)) }]
    case 'merged': {
      const numbers = row.merged.pullRequests.map(({ number }) => `#${number}`).join(', ')
      return [
        name,
        { text: 'merged', paint: 'dim' },
        { text: sanitize(row.merged.headSha.slice(0, 7)) },
        { text: `${numbers} merged` },
      ]
    }
    case 'near-miss':
      return [name, { text: row.branches.map(sanitize).join(', '), paint: 'red' }]
    case 'unreadable':
      return [name, { text: 'not read', paint: 'red' }]
    case 'member': {
      const numbers = row.pullRequests.map(({ number }) => `#${number}`).join(', ')
      const state = row.status?.state
      return [
        name,
        { text: sanitize(branch) },
        { text: sanitize(row.headSha.slice(0, 7)) },
        { text: numbers === '' ? 'none' : numbers },
        state === undefined ? { text: 'none', paint: 'dim' } : { text: state, paint: statePaints[state] },
        digestCell(row),
      ]
    }
    default:
      return assertNever(row)
  }
}

function digestCell({ digestMatches, isBaseUnknown }: Extract<RepositoryStatus, { kind: 'member' }>): Span {
  if (isBaseUnknown) return { text: 'unknown', paint: 'red' }
  if (digestMatches === null) return { text: '-' }
  return digestMatches ? { text: 'matches' } : { text: 'differs', paint: 'red' }
}

function table(rows: readonly Span[][], options: ViewOptions): string[] {
  const header: Span[] = columns.map((text) => ({ text, paint: 'bold' }))
  const whole = [header, ...rows]
  const wanted = maxWidths.map((most, index) =>
    Math.min(most, Math.max(...whole.map((cells) => displayWidth(cells[index]?.text ?? '')))),
  )
  const widths = fitted(wanted, options.columns)
  return whole.map((cells) => {
    const shown = cells.flatMap((cell, index) => {
      const width = widths[index] ?? 0
      return width === 0 ? [] : [gap, { ...cell, text: pad(cut(cell.text, width, cutSign(options)), width) }]
    })
    return composeLine(shown.slice(1), options)
  })
}

/** The widths of the columns so that the status and the digest fit; 0: the column is not shown. */
function fitted(wanted: readonly number[], available: number): number[] {
  const widths = [...wanted]
  const excess = (): number => {
    const shown = widths.filter((width) => width > 0)
    return shown.reduce((sum, width) => sum + width + gap.length, -gap.length) - available
  }
  for (const name of dispensable) if (excess() > 0) widths[columns.indexOf(name)] = 0
  for (const name of shortened) {
    const index = columns.indexOf(name)
    const width = widths[index] ?? 0
    if (excess() > 0) widths[index] = Math.min(width, Math.max(minWidth, width - excess()))
  }
  return widths
}

/** What is known to prevent the merge of the set. */
function blockersOf({ repositories }: ChangeStatus): MergeBlocker[] {
  return repositories.flatMap((row) => (row.kind === 'member' ? definiteBlockers(row.blockers) : []))
}

/** What the reader must mend before the change can be merged as a set, or know of its bases, one line each. */
export function warningTexts(status: ChangeStatus): string[] {
  const { repositories } = status
  const members = repositories.flatMap((row) => (row.kind === 'member' ? [row] : []))
  const blocking = members.flatMap((row) => {
    const missing = row.isAhead ? [`${row.repo} has commits of this branch, but no pull request`] : []
    const ofPullRequests = row.blockers.filter(({ kind }) => kind !== 'no-pull-request')
    return [...ofPullRequests.map(describeBlocker), ...missing]
  })
  const ofBases = [...baseNotes(members.flatMap(({ otherBases }) => otherBases)), ...unknownBaseNote(members)]
  return [...blocking, ...ofBases, ...movedNote(status)]
}

/** The digest does not show which commit was tested, so that a default branch is named only as a possible reason. */
function movedNote({ repositories }: ChangeStatus): string[] {
  const isStale = repositories.some(
    (row) => row.kind === 'member' && row.status?.state === 'success' && row.digestMatches === false,
  )
  const built = repositories.flatMap((row) =>
    (row.kind === 'absent' || row.kind === 'merged') && row.built ? [`${row.built.defaultBranch} of ${row.repo}`] : [],
  )
  if (!isStale || built.length === 0) return []
  const moved = `${listed(built)} has moved since`
  return [
    `success belongs to another state of the change: a branch or a base changed, or ${moved}: orch run tests it again`,
  ]
}

function unknownBaseNote(members: readonly { repo: string; isBaseUnknown: boolean }[]): string[] {
  const repositories = members.filter(({ isBaseUnknown }) => isBaseUnknown).map(({ repo }) => repo)
  if (repositories.length === 0) return []
  const text = `an older version posted success on ${listed(repositories)} and did not record the bases`
  return [`${text}: orch run posts it again, without a build`]
}

export function verdictText(status: ChangeStatus): string {
  switch (status.verdict) {
    case 'green':
      return 'Green: every open pull request has success for the change as it is now.'
    case 'pending':
      return blockersOf(status).length > 0
        ? 'Pending: the change cannot be merged until what is named above is mended.'
        : 'Pending.'
    case 'not-green':
      return 'Not green.'
    default:
      return assertNever(status.verdict)
  }
}

function describeBuilt({ defaultBranch, headSha }: BuiltDefaultBranch): string {
  return `its default branch ${defaultBranch} at ${headSha.slice(0, 7)} is tested with the change`
}

/** What a row cannot show; null: nothing. */
export function noteOf(row: RepositoryStatus, branch: string): string | null {
  switch (row.kind) {
    case 'unreadable':
      return row.failure.message
    case 'merged':
      return row.built === undefined
        ? `the branch was merged at its head, so ${row.defaultBranch} counts`
        : `the branch was merged at its head, so ${describeBuilt(row.built)}`
    case 'near-miss':
      return row.branches.length === 1
        ? `there is no branch ${branch}, but ${row.branches.join()}, which differs only in case: rename or delete it`
        : `there is no branch ${branch}, but ${row.branches.join(', ')}, which differ only in case: rename or delete them`
    case 'absent':
      return row.built === undefined ? null : `it has no branch ${branch}, so ${describeBuilt(row.built)}`
    case 'member':
      return null
    default:
      return assertNever(row)
  }
}

/** Why the change is not green, and the commands that are next. */
function reasonLines(status: ChangeStatus, label: RepoLabel, options: ViewOptions): string[] {
  if (status.verdict === 'green') return []
  const reasons = reasonsOf(status)
  const lines = reasons.flatMap(({ repos, text }) => {
    const names = repos.length === 0 ? '' : `${listed(repos.map(label))}: `
    return paragraph(`${names}${sanitize(text)}`, '  ', options)
  })
  const commands = [...new Set(reasons.map(({ command }) => `  ${sanitize(command)}`))]
  return [...lines, ...(commands.length === 0 ? [] : ['', 'Next:', ...commands])]
}

/** `orch status`: one table, notes about merged, unreadable and misspelled branches, the verdict. Ends with a newline. */
export function renderChangeStatus(status: ChangeStatus, options: ViewOptions): string {
  const label = labelRepositories(status.repositories.map(({ repo }) => repo))
  const digest = status.setDigest === null ? 'unknown' : shortDigest(status.setDigest)
  const notes = status.repositories.flatMap((row) => {
    const text = noteOf(row, status.branch)
    return text === null ? [] : paragraph(`${label(row.repo)}: ${sanitize(text)}`, '', options)
  })
  const members = status.repositories.flatMap((row) => (row.kind === 'member' ? [row] : []))
  const queue = mergeQueueNote(members, status.statusContext)
  const warnings = warningTexts(status).flatMap((text) => paragraph(`! ${sanitize(text)}`, '', options))
  const lines = [
    composeLine(
      [{ text: sanitize(status.branch), paint: 'bold' }, `  ${sanitize(status.statusContext)}  set ${digest}`],
      options,
    ),
    '',
    ...table(
      status.repositories.map((row) => cellsOf(row, status.branch, label)),
      options,
    ),
    '',
    ...(notes.length === 0 ? [] : [...notes, '']),
    ...(warnings.length === 0 ? [] : [...warnings, '']),
    ...(queue === null ? [] : [...paragraph(`! ${sanitize(queue)}`, '', options), '']),
    ...paragraph(verdictText(status), '', options),
    ...reasonLines(status, label, options),
  ]
  return `${lines.join('\n')}\n`
}
