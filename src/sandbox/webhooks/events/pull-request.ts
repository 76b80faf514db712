import { presentFullPull } from '../../present/pull.js'
import type { Account, PullRequest, Repository } from '../../state/model.js'
import type { World } from '../../world.js'

type PullAction =
  | 'opened'
  | 'reopened'
  | 'closed'
  | 'synchronize'
  | 'edited'
  | 'ready_for_review'
  | 'converted_to_draft'
  | 'enqueued'
  | 'dequeued'

/** Emits `pull_request`. `fields`: what the payload has beside the pull request, such as `before` and `after`. */
export function emitPull(
  world: World,
  base: Repository,
  pull: PullRequest,
  { action, sender, fields = {} }: { action: PullAction; sender: Account; fields?: Record<string, unknown> },
): void {
  world.webhooks.emit({
    name: 'pull_request',
    action,
    repository: base,
    sender,
    async payload() {
      // A copy, because the pull request may change while the sizes are computed.
      const shown = { ...pull }
      const fork = (await world.git.mergeBase(base.id, shown.baseSha, shown.headSha)) ?? shown.baseSha
      const full = presentFullPull(world, base, shown, {
        // As on GitHub, a delivery does not wait for the test merge.
        mergeability: { mergeable: null, state: 'unknown' },
        size: await world.git.diffSize(base.id, fork, shown.headSha),
        commits: await world.git.countAhead(base.id, shown.baseSha, shown.headSha),
      })
      return { number: shown.number, ...fields, pull_request: full }
    },
  })
}
