import type { StatusState } from '../../src/model/change.js'

/**
 * Before an orchestration posts a closing or revoking status, it lists the statuses of the head. It never replaces a status of somebody
 * else that this listing showed as the newest (docs/states.md). A status that is set between the listing and the post is not covered.
 */
export class OverwritingLaw {
  /** Per head: whether the last listing showed a foreign status as the newest. A closing or revoking status clears it. */
  readonly #listings = new Map<string, boolean>()

  listed(headSha: string, isNewestForeign: boolean): void {
    this.#listings.set(headSha, isNewestForeign)
  }

  /** How this post breaks the law, as a sentence; null: it does not. */
  check(post: { repo: string; headSha: string; state: StatusState; description: string }): string | null {
    if (!isClosing(post)) return null
    const isNewestForeign = this.#listings.get(post.headSha)
    this.#listings.delete(post.headSha)
    if (isNewestForeign === undefined) return `${post.state} on ${post.repo} without reading its newest status first`
    return isNewestForeign ? `${post.state} on ${post.repo}, although its newest status was somebody else's` : null
  }
}

/** Not success, which relies on the reading before it, nor the first claim, which may replace any status. */
function isClosing({ state, description }: { state: StatusState; description: string }): boolean {
  return state === 'failure' || state === 'error' || description.includes('taken back')
}
