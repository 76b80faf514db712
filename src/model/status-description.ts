import { shortDigest } from './set-digest.js'

/** GitHub's limit: a longer description is refused with 422 (POST /repos/{o}/{r}/statuses/{sha}). */
const maxDescriptionLength = 140

/** Who wrote a status and why, as its description carries it. */
export interface StatusMark {
  /** Which of ours wrote it: an orchestration (`run:<id>`) or an invalidation (`inv:<id>`). */
  writer: 'run' | 'inv'
  id: string
  /** First 12 hex digits of the set digest; only a success has one. */
  digest: string | null
}

/**
 * A description of at most 140 characters: the mark first, so that cutting takes only from the text.
 * Characters that GitHub or a terminal could misread are taken out of the text.
 */
export function describeStatus(mark: { writer: 'run' | 'inv'; id: string; digest?: string }, text: string): string {
  return composeDescription(
    `${mark.writer}:${mark.id}${mark.digest === undefined ? '' : ` set:${shortDigest(mark.digest)}`}`,
    text,
  )
}

/** The mark and the text as GitHub takes them: 140 characters at most, cut at the end. */
export function composeDescription(head: string, text: string): string {
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const whole = Array.from(clean === '' ? head : `${head} ${clean}`)
  return whole.length <= maxDescriptionLength ? whole.join('') : `${whole.slice(0, maxDescriptionLength - 1).join('')}…`
}

/** The mark of a description that orch wrote; null: somebody else's status. */
export function readStatusMark(description: string): StatusMark | null {
  const found = /^(run|inv):([a-z0-9]{6,40})(?: set:([0-9a-f]{12}))?(?: |$)/u.exec(description)
  if (!found) return null
  return { writer: found[1] === 'run' ? 'run' : 'inv', id: found[2] ?? '', digest: found[3] ?? null }
}
