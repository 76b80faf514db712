import { presentHook } from '../present/hook.js'
import type { Hook } from '../state/hook.js'
import type { Account } from '../state/model.js'
import type { World } from '../world.js'
import type { WebhookEvent } from './event.js'

/** The event with which GitHub tries a hook. */
export function pingOf(world: World, hook: Hook, sender: Account): WebhookEvent {
  const { owner } = hook
  const repository = owner.type === 'repository' ? world.directory.state.repositories.get(owner.id) : undefined
  const organization = owner.type === 'organization' ? world.directory.accountById(owner.id) : undefined
  return {
    name: 'ping',
    sender,
    ...(repository !== undefined && { repository }),
    ...(organization !== undefined && { organization }),
    payload: () => ({ zen: 'Keep it logically awesome.', hook_id: hook.id, hook: presentHook(world, hook) }),
  }
}
