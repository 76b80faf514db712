import { sanitize } from '../../lib/sanitize.js'
import type { OutcomeText } from './outcome-text.js'

/** A status comment: GitHub Markdown. */
export interface CommentTextOptions {
  /** The status context of the graph: two services on one repository have a comment each. */
  statusContext: string
  /** The command as it was written, without line breaks. Untrusted. */
  command: string
  /** Who wrote it. Untrusted. */
  author: string
  outcome: OutcomeText
}

/** GitHub takes 65,536 characters. */
const maxDetails = 50_000

export function renderComment({ statusContext, command, author, outcome }: CommentTextOptions): string {
  const { headline, details } = outcome
  const lines = [
    commentMarker(statusContext),
    `${codeSpan(command)} by ${codeSpan(author)}: ${headline}`,
    ...(details.trim() === '' ? [] : ['', ...codeBlock(details)]),
  ]
  return `${lines.join('\n')}\n`
}

/** Hidden in the comment, so that it is found again. */
export function commentMarker(statusContext: string): string {
  return `<!-- orch ${encodeURIComponent(statusContext)} -->`
}

/** Text that is shown literally: in a code span nothing is a mention, a link, HTML or Markdown. */
export function codeSpan(text: string): string {
  const clean = sanitize(text).slice(0, 300).trim()
  if (clean === '') return '(nothing)'
  const fence = '`'.repeat(longestRun(clean) + 1)
  // A space keeps a backtick at an end apart from the fence; Markdown removes it again.
  const space = /^`|`$/u.test(clean) ? ' ' : ''
  return `${fence}${space}${clean}${space}${fence}`
}

function codeBlock(text: string): string[] {
  const clean = text.trimEnd().split('\n').map(sanitize).join('\n')
  const shown = clean.length <= maxDetails ? clean : `${clean.slice(0, maxDetails)}\n… the rest is omitted`
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1))
  return [`${fence}text`, shown, fence]
}

function longestRun(text: string): number {
  return [...text.matchAll(/`+/gu)].reduce((longest, [run]) => Math.max(longest, run.length), 0)
}
