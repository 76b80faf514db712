import type { Hook, HookDelivery, HookOwner } from '../state/hook.js'
import type { World } from '../world.js'
import { timestamp } from './common.js'
import { repositoryUrl } from './repository.js'

const TYPES: Record<HookOwner['type'], string> = { repository: 'Repository', organization: 'Organization', app: 'App' }

/** `webhook-config` of GitHub's OpenAPI description. A secret is never shown. */
export function presentHookConfig({ config }: Hook): Record<string, unknown> {
  return {
    content_type: config.contentType,
    insecure_ssl: config.insecureSsl,
    ...(config.secret !== null && { secret: '********' }),
    url: config.url,
  }
}

/** `hook` or `org-hook` of GitHub's OpenAPI description. */
export function presentHook(world: World, hook: Hook): Record<string, unknown> {
  const { owner } = hook
  const url = hookUrl(world, hook)
  return {
    type: TYPES[owner.type],
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: hook.events,
    config: presentHookConfig(hook),
    updated_at: timestamp(hook.updatedAt),
    created_at: timestamp(hook.createdAt),
    ...(owner.type === 'app' && { app_id: owner.id }),
    ...(owner.type !== 'app' && { url, ping_url: `${url}/pings` }),
    ...(owner.type === 'repository' && { test_url: `${url}/test`, last_response: hook.lastResponse }),
    deliveries_url: `${url}/deliveries`,
  }
}

function hookUrl(world: World, { id, owner }: Hook): string {
  if (owner.type === 'app') return `${world.apiUrl()}/app/hook`
  if (owner.type === 'organization') {
    return `${world.apiUrl()}/orgs/${world.directory.accountById(owner.id).login}/hooks/${id}`
  }
  const repository = world.directory.state.repositories.get(owner.id)
  if (repository === undefined) throw new Error(`the repository of hook ${id} is gone`)
  return `${repositoryUrl(world, repository)}/hooks/${id}`
}

/** `hook-delivery-item` of GitHub's OpenAPI description. */
export function presentDeliveryItem(delivery: HookDelivery): Record<string, unknown> {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: new Date(delivery.deliveredAt).toISOString(),
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.durationMs / 10) / 100,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  }
}

/** `hook-delivery` of GitHub's OpenAPI description. */
export function presentDelivery(delivery: HookDelivery): Record<string, unknown> {
  const { url, request, response } = delivery
  return {
    ...presentDeliveryItem(delivery),
    url,
    request: { headers: request.headers, payload: JSON.parse(request.payload) as unknown },
    response: { headers: response?.headers ?? null, payload: response?.payload ?? null },
  }
}
