import type { StatusState } from '../../src/model/change.js'

/**
 * Before an orchestration posts a closing or revoking status, it lists the statuses of the head. It never replaces a foreign
 * status that this listing showed as the newest (docs/states.md). A status that is set between the listing and the post is not covered.
 */
export class OverwritingLaw {
  /**
   * Per head: how many listings no closing or revoking status has used up yet, and whether the last listing showed a foreign status as the
   * newest. After a signal a closing status may be posted a second time, past the limiter, while the first post is still in flight: both
   * have listed the head by then.
   */
  readonly #listings = new Map<string, { unused: number; isNewestForeign: boolean }>()

  listed(headSha: string, isNewestForeign: boolean): void {
    const unused = (this.#listings.get(headSha)?.unused ?? 0) + 1
    this.#listings.set(headSha, { unused, isNewestForeign })
  }

  /** How this post breaks the law, as a sentence; null: it does not. */
  check(post: { repo: string; headSha: string; state: StatusState; description: string }): string | null {
    if (!isClosing(post)) return null
    const { unused, isNewestForeign } = this.#listings.get(post.headSha) ?? { unused: 0, isNewestForeign: false }
    if (unused === 0) return `${post.state} on ${post.repo} without reading its newest status first`
    this.#listings.set(post.headSha, { unused: unused - 1, isNewestForeign })
    return isNewestForeign ? `${post.state} on ${post.repo}, although its newest status was somebody else's` : null
  }
}

/** Not success, which relies on the reading before it, nor the first claim, which may replace any status. */
function isClosing({ state, description }: { state: StatusState; description: string }): boolean {
  return state === 'failure' || state === 'error' || description.includes('revoked:')
}
