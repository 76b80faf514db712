import type { CommitStatus } from './change.js'
import { readStatusMark } from './status-description.js'

/** Whether a status of our context is ours. */
export type IsOwnStatus = (status: Pick<CommitStatus, 'creator' | 'description'>) => boolean

export interface StatusAuthors {
  /** The login that posts our statuses; null: GitHub names none. */
  login: string | null
  /** Logins that run orch elsewhere, such as in CI. */
  trustedAuthors: readonly string[]
}

/**
 * Tells our statuses from those of others by their author, and where the own login is not known by the mark that orch writes in front of the
 * text. Anybody who may post a status can copy a mark, so that the author counts wherever it is known.
 */
export function ownStatuses({ login, trustedAuthors }: StatusAuthors): IsOwnStatus {
  const trusted = new Set(trustedAuthors.map((each) => each.toLowerCase()))
  const own = login?.toLowerCase() ?? null
  return ({ creator, description }) => {
    const author = creator.toLowerCase()
    if (trusted.has(author)) return true
    if (own === null) return readStatusMark(description) !== null
    // An author that GitHub does not name is not somebody else.
    return author === '' || author === own
  }
}
