import { presentAccount, presentOrganization } from '../present/account.js'
import { presentRepository } from '../present/repository.js'
import type { World } from '../world.js'
import type { WebhookEvent } from './event.js'

/** Returns the payload of an event, with the state of the call. */
export async function payloadOf(world: World, event: WebhookEvent): Promise<Record<string, unknown>> {
  const { action, repository, sender } = event
  const owner = repository === undefined ? event.organization : world.directory.accountById(repository.ownerId)
  const common = {
    ...(repository !== undefined && { repository: presentRepository(world, repository) }),
    ...(owner?.type === 'Organization' && { organization: presentOrganization(world, owner) }),
    sender: presentAccount(world, sender),
  }
  const fields = await event.payload()
  return { ...(action !== undefined && { action }), ...common, ...fields }
}
