import { covers } from '../apps/installations.js'
import type { Hook, HookOwner } from '../state/hook.js'
import type { Account } from '../state/model.js'
import type { World } from '../world.js'
import type { WebhookEvent } from './event.js'
import { receives } from './event-names.js'

/** A hook that receives an event, with the installation of its App. */
export interface Recipient {
  hook: Hook
  installationId: number | null
}

/** The hooks by what they belong to. */
export class HookIndex {
  readonly #byOwner = new Map<string, Set<Hook>>()

  constructor(hooks: Iterable<Hook>) {
    for (const hook of hooks) this.add(hook)
  }

  /** Returns the hooks of an owner, oldest first. */
  of(owner: HookOwner): Hook[] {
    return [...(this.#byOwner.get(keyOf(owner)) ?? [])]
  }

  add(hook: Hook): void {
    const key = keyOf(hook.owner)
    this.#byOwner.set(key, (this.#byOwner.get(key) ?? new Set()).add(hook))
  }

  remove(hook: Hook): void {
    this.#byOwner.get(keyOf(hook.owner))?.delete(hook)
  }

  get isEmpty(): boolean {
    return this.#byOwner.size === 0
  }
}

function keyOf({ type, id }: HookOwner): string {
  return `${type}:${id}`
}

/** Returns the active hooks that subscribe to an event. */
export function recipientsOf(world: World, hooks: HookIndex, event: WebhookEvent): Recipient[] {
  // Every change of the state comes here, and most sandboxes have no hook.
  if (hooks.isEmpty) return []
  const { repository, installation } = event
  if (installation !== undefined) {
    return subscribed(hooks.of({ type: 'app', id: installation.appId }), event, installation.id)
  }
  const account = repository === undefined ? event.organization : world.directory.accountById(repository.ownerId)
  const ofRepository = repository === undefined ? [] : hooks.of({ type: 'repository', id: repository.id })
  const ofOrganization = account?.type === 'Organization' ? hooks.of({ type: 'organization', id: account.id }) : []
  const ofApps = account === undefined ? [] : recipientsOfApps(world, hooks, event, account)
  return [...subscribed([...ofRepository, ...ofOrganization], event, null), ...ofApps]
}

/** Returns the hooks of the Apps that are installed on the repository, or on the organization of an event without a repository. */
function recipientsOfApps(world: World, hooks: HookIndex, event: WebhookEvent, account: Account): Recipient[] {
  return [...world.directory.state.installations.values()].flatMap((installation) => {
    if (installation.accountId !== account.id || installation.suspendedAt !== null) return []
    if (event.repository !== undefined && !covers(installation, event.repository)) return []
    // Events that the App subscribed to later are delivered once its new permissions are accepted.
    if (!installation.events.includes(event.name)) return []
    return subscribed(hooks.of({ type: 'app', id: installation.appId }), event, installation.id)
  })
}

function subscribed(hooks: Hook[], { name }: WebhookEvent, installationId: number | null): Recipient[] {
  return hooks.filter((hook) => hook.active && receives(hook, name)).map((hook) => ({ hook, installationId }))
}
