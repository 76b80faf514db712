import type { Failure } from '../../model/failure.js'
import type { InvalidatedPullRequest, Invalidation, NoLockReason } from '../../model/invalidation.js'
import { sanitize } from '../../lib/sanitize.js'
import { counted } from '../../lib/counted.js'
import { labelRepositories } from '../repo-label.js'
import type { RepoLabel } from '../repo-label.js'
import { composeLine, markSpan } from '../style.js'
import type { Mark, ViewOptions } from '../style.js'
import type { Paint } from '../paint.js'
import { paragraph, withAddress } from './summary.js'

type Kind = InvalidatedPullRequest['result']['kind']

const styles: Record<Kind, { mark: Mark; word: string; paint: Paint }> = {
  invalidated: { mark: 'good', word: 'locked', paint: 'green' },
  planned: { mark: 'active', word: 'would be locked', paint: 'cyan' },
  unchanged: { mark: 'skipped', word: 'already locked', paint: 'dim' },
  failed: { mark: 'bad', word: 'failed', paint: 'red' },
}

function row(item: InvalidatedPullRequest, label: RepoLabel, options: ViewOptions): string[] {
  const { repo, pullRequest, result } = item
  const style = styles[result.kind]
  const lines = withAddress(
    [
      '  ',
      markSpan(style.mark, options),
      ` ${label(repo)}#${pullRequest.number}  `,
      { text: style.word, paint: style.paint },
      `  ${sanitize(pullRequest.headRef)}`,
    ],
    pullRequest.url,
    options,
  )
  if (result.kind !== 'failed') return lines
  return [...lines, ...failureLines(result.failure, options)]
}

function failureLines({ message, remedy }: Failure, options: ViewOptions): string[] {
  const text = remedy === undefined ? message : `${message}. ${remedy}`
  return paragraph(sanitize(text), '    ', options)
}

const noLockTexts: Record<NoLockReason, string> = {
  green: 'Nothing to lock: each success is for the change as it is now',
  'no-success': 'Nothing to lock: no open pull request has a success',
}

function countResults(invalidation: Invalidation): string {
  if (invalidation.pullRequests.length + invalidation.unreadable.length === 0) {
    return 'No pull request is open: nothing to lock'
  }
  const order: Kind[] = ['invalidated', 'planned', 'unchanged', 'failed']
  const counts = order.flatMap((kind) => {
    const count = invalidation.pullRequests.filter(({ result }) => result.kind === kind).length
    return count === 0 ? [] : [`${count} ${styles[kind].word}`]
  })
  const { length } = invalidation.unreadable
  const unread = length === 0 ? [] : [`${counted(length, 'repository')} not read`]
  return [counted(invalidation.pullRequests.length, 'pull request'), [...counts, ...unread].join(', ')]
    .filter((part) => part !== '')
    .join(': ')
}

/** `orch invalidate`: each pull request and its result, failures, counts. Ends with a newline. */
export function renderInvalidation(invalidation: Invalidation, options: ViewOptions): string {
  const { branch, reason, noLockReason, pullRequests, unreadable, earlierHeads } = invalidation
  if (noLockReason !== null) return `${paragraph(`${noLockTexts[noLockReason]}.`, '', options).join('\n')}\n`
  const label = labelRepositories([...pullRequests, ...unreadable, ...earlierHeads.locked].map(({ repo }) => repo))
  const what = branch === null ? 'every coordinated branch' : sanitize(branch)
  const lines = [
    ...paragraph(`${invalidation.isDryRun ? 'Would lock' : 'Locking'} ${what}: ${sanitize(reason)}`, '', options),
    ...pullRequests.flatMap((item) => row(item, label, options)),
    ...unreadable.flatMap(({ repo, failure }) => [
      composeLine(['  ', markSpan('bad', options), ` ${label(repo)}  `, { text: 'not read', paint: 'red' }], options),
      ...failureLines(failure, options),
    ]),
    ...earlierHeads.locked.map(({ repo, headSha }) => {
      const span = { text: 'locked', paint: 'green' } as const
      return composeLine(
        ['  ', markSpan('good', options), ` ${label(repo)}@${headSha.slice(0, 7)}  `, span, '  an earlier head'],
        options,
      )
    }),
    ...earlierHeads.failures.flatMap((failure) => [
      composeLine(['  ', markSpan('bad', options), ' an earlier head may still have success'], options),
      ...failureLines(failure, options),
    ]),
    `${countResults(invalidation)}.`,
  ]
  return `${lines.join('\n')}\n`
}
