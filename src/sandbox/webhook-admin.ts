import { addHook } from './webhooks/add-hook.js'
import type { Hook, HookConfig, HookDelivery, HookOwner } from './state/hook.js'
import type { Account } from './state/model.js'
import type { World } from './world.js'

/** A new hook. Default: every event, as JSON, unsigned. */
export interface NewHook extends Partial<Omit<HookConfig, 'url'>> {
  url: string
  events?: string[]
}

/** Administration of webhooks without HTTP and without permission checks, for seeding and tests. Methods throw for unknown names and IDs. */
export class WebhookAdmin {
  readonly #world: World
  readonly #developer: Account

  constructor(world: World, developer: Account) {
    this.#world = world
    this.#developer = developer
  }

  /** Adds a hook to a repository (`owner/name`) or to an organization, and returns its ID. */
  create(owner: string, { url, events = ['*'], ...config }: NewHook): number {
    const settings: HookConfig = { contentType: 'json', insecureSsl: '0', secret: null, ...config, url }
    return addHook(this.#world, this.#owner(owner), { active: true, events, config: settings }, this.#developer).id
  }

  /** Returns copies of the deliveries of a hook, oldest first. */
  deliveries(hookId: number): HookDelivery[] {
    return structuredClone(this.#world.webhooks.deliveriesOf(this.#hook(hookId)))
  }

  /** Resolves when the merge queues wait for something and no delivery is on its way. */
  async idle(): Promise<void> {
    await this.#world.mergeQueues.idle()
    await this.#world.webhooks.idle()
  }

  #hook(id: number): Hook {
    const hook = this.#world.directory.state.hooks.get(id)
    if (hook === undefined) throw new Error(`there is no hook ${id}`)
    return hook
  }

  #owner(name: string): HookOwner {
    const { directory } = this.#world
    const [login = '', short] = name.split('/')
    if (short !== undefined) {
      const repository = directory.repository(login, short)
      if (repository === undefined) throw new Error(`there is no repository ${name}`)
      return { type: 'repository', id: repository.id }
    }
    const organization = directory.account(login)
    if (organization?.type !== 'Organization') throw new Error(`there is no organization ${name}`)
    return { type: 'organization', id: organization.id }
  }
}
