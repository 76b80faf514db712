import { shortDigest } from './set-digest.js'

/** GitHub's limit: a longer description is refused with 422 (POST /repos/{o}/{r}/statuses/{sha}). */
const maxDescriptionLength = 140

/** The author of a status within orch, from its description. */
export interface StatusMark {
  /** An orchestration (`run:<id>`) or an invalidation (`inv:<id>`). */
  writer: 'run' | 'inv'
  id: string
  /** First 12 hex digits of the set digest; null: the status is not a success. */
  digest: string | null
}

/**
 * A description of at most 140 characters: the mark comes first, so that only the text is cut.
 * Characters that GitHub or a terminal could misread are removed from the text.
 */
export function describeStatus(mark: { writer: 'run' | 'inv'; id: string; digest?: string }, text: string): string {
  return composeDescription(
    `${mark.writer}:${mark.id}${mark.digest === undefined ? '' : ` set:${shortDigest(mark.digest)}`}`,
    text,
  )
}

/** The mark and the text, cut to the 140 characters that GitHub allows. */
export function composeDescription(head: string, text: string): string {
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const whole = Array.from(clean === '' ? head : `${head} ${clean}`)
  return whole.length <= maxDescriptionLength ? whole.join('') : `${whole.slice(0, maxDescriptionLength - 1).join('')}…`
}

/** The mark of a description that orch wrote; null: orch did not write it. */
export function readStatusMark(description: string): StatusMark | null {
  const found = /^(run|inv):([a-z0-9]{6,40})(?: set:([0-9a-f]{12}))?(?: |$)/u.exec(description)
  if (!found) return null
  return { writer: found[1] === 'run' ? 'run' : 'inv', id: found[2] ?? '', digest: found[3] ?? null }
}

/** What a description says after its mark. */
export function readStatusText(description: string): string {
  return description.replace(/^(?:run|inv):[a-z0-9]{6,40}(?: set:[0-9a-f]{12})? ?/u, '')
}
