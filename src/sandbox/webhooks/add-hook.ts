import type { Hook, HookOwner } from '../state/hook.js'
import type { Account } from '../state/model.js'
import type { World } from '../world.js'

/** What a request sets of a hook. */
export type HookInput = Pick<Hook, 'active' | 'events' | 'config'>

/** Adds a hook, which is pinged. */
export function addHook(world: World, owner: HookOwner, input: HookInput, sender: Account): Hook {
  const now = world.clock.now()
  const hook: Hook = {
    id: world.directory.newId(),
    owner,
    ...input,
    lastResponse: { code: null, status: 'unused', message: null },
    createdAt: now,
    updatedAt: now,
  }
  world.webhooks.addHook(hook, sender)
  return hook
}
