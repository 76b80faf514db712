import { statusContext } from './kinds.js'
import type { World } from './stub/world.js'

/**
 * Returns the time from the end of the last build to the first `success` that GitHub received after it, s. Throws if no pull request was unlocked, or
 * if one was unlocked before the build ended.
 */
export function lateness({ runs, posted }: World): number {
  const end = Math.max(...runs.map(({ endsAt }) => endsAt))
  const after = runs.at(-1)?.createdAt ?? Infinity
  const success = posted.find(
    ({ state, context, createdAt }) => state === 'success' && context === statusContext && createdAt >= after,
  )
  if (!success || success.createdAt < end) throw new Error('success did not follow the end of the build')
  return (success.createdAt - end) / 1000
}
