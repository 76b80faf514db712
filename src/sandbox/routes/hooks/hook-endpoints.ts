import { addHook } from '../../webhooks/add-hook.js'
import type { Answer } from '../../http/answer.js'
import { created, empty, json, notFound } from '../../http/answer.js'
import type { Call, Method } from '../../http/call.js'
import { requireActor } from '../../http/call.js'
import { pagedList } from '../../http/pagination.js'
import { presentHook, presentHookConfig } from '../../present/hook.js'
import type { Hook, HookOwner } from '../../state/hook.js'
import { pingOf } from '../../webhooks/ping.js'
import { getDelivery, listDeliveries, redeliver } from './delivery-endpoints.js'
import { duplicateOf, readConfig, readHookChange, readNewHook } from './hook-input.js'

/** An endpoint of the hooks of an owner. `path` omits what comes before `/hooks`. */
export interface HookEndpoint {
  method: Method
  path: string
  handle(call: Call, owner: HookOwner): Answer | Promise<Answer>
}

const HOOK = '/hooks/{hook_id}'

/** What repositories and organizations have alike. */
export const hookEndpoints: HookEndpoint[] = [
  { method: 'GET', path: '/hooks', handle: listHooks },
  { method: 'POST', path: '/hooks', handle: createHook },
  ofHook('GET', '', (call, hook) => json(presentHook(call.world, hook))),
  ofHook('PATCH', '', updateHook),
  ofHook('DELETE', '', deleteHook),
  ofHook('GET', '/config', (_call, hook) => json(presentHookConfig(hook))),
  ofHook('PATCH', '/config', updateConfig),
  ofHook('POST', '/pings', ping),
  ofHook('GET', '/deliveries', listDeliveries),
  ofHook('GET', '/deliveries/{delivery_id}', getDelivery),
  ofHook('POST', '/deliveries/{delivery_id}/attempts', redeliver),
]

/** Creates an endpoint below `/hooks/{hook_id}`, which answers 404 for a hook of another owner. */
export function ofHook(
  method: Method,
  path: string,
  handle: (call: Call, hook: Hook) => Answer | Promise<Answer>,
): HookEndpoint {
  return {
    method,
    path: `${HOOK}${path}`,
    handle(call, owner) {
      const hook = call.world.webhooks.hooksOf(owner).find(({ id }) => id === Number(call.params.hook_id))
      return hook === undefined ? notFound() : handle(call, hook)
    },
  }
}

function listHooks(call: Call, owner: HookOwner): Promise<Answer> {
  return pagedList(call, call.world.webhooks.hooksOf(owner), (hook) => presentHook(call.world, hook))
}

function createHook(call: Call, owner: HookOwner): Answer {
  const { world } = call
  const input = readNewHook(call.body, owner.type)
  if (!input.ok) return input.answer
  const unique = duplicateOf(input.value, world.webhooks.hooksOf(owner), owner.type)
  if (!unique.ok) return unique.answer
  return created(presentHook(world, addHook(world, owner, input.value, requireActor(call).account)))
}

function updateHook(call: Call, hook: Hook): Answer {
  const { webhooks } = call.world
  const input = readHookChange(call.body, hook)
  if (!input.ok) return input.answer
  const others = webhooks.hooksOf(hook.owner).filter((other) => other !== hook)
  const unique = duplicateOf(input.value, others, hook.owner.type)
  if (!unique.ok) return unique.answer
  change(call, hook, input.value)
  return json(presentHook(call.world, hook))
}

function updateConfig(call: Call, hook: Hook): Answer {
  const config = readConfig(call.body, hook.config)
  if (!config.ok) return config.answer
  change(call, hook, { config: config.value })
  return json(presentHookConfig(hook))
}

function change({ world }: Call, hook: Hook, changes: Partial<Hook>): void {
  Object.assign(hook, changes, { updatedAt: world.clock.now() })
  world.changed()
}

function deleteHook({ world }: Call, hook: Hook): Answer {
  world.webhooks.removeHook(hook)
  return empty(204)
}

function ping(call: Call, hook: Hook): Answer {
  call.world.webhooks.deliverTo(hook, pingOf(call.world, hook, requireActor(call).account))
  return empty(204)
}
