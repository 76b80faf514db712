import type { Activity } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { nodeId, timestamp } from './common.js'

/** The SHA with which the API represents a missing commit. */
const NO_COMMIT = '0'.repeat(40)

/** `activity` of GitHub's OpenAPI description. */
export function presentActivity(world: World, activity: Activity): Record<string, unknown> {
  return {
    id: activity.id,
    node_id: nodeId('Push', activity.id),
    before: activity.before ?? NO_COMMIT,
    after: activity.after ?? NO_COMMIT,
    ref: activity.ref,
    timestamp: timestamp(activity.createdAt),
    activity_type: activity.type,
    actor: presentAccount(world, world.directory.accountById(activity.actorId)),
  }
}
