import { hookOfApp } from '../../apps/create-app.js'
import type { Answer } from '../../http/answer.js'
import { json, notFound } from '../../http/answer.js'
import type { Call, GeneralRoute, Method } from '../../http/call.js'
import { presentHookConfig } from '../../present/hook.js'
import type { Hook } from '../../state/hook.js'
import { getDelivery, listDeliveries, redeliver } from '../hooks/delivery-endpoints.js'
import { readConfig } from '../hooks/hook-input.js'
import { requireApp } from './app-call.js'

/** The webhook of an App, for the App itself. */
export const appHookRoutes: GeneralRoute[] = [
  ofHook('GET', '/config', (_call, hook) => json(presentHookConfig(hook))),
  ofHook('PATCH', '/config', updateConfig),
  ofHook('GET', '/deliveries', listDeliveries),
  ofHook('GET', '/deliveries/{delivery_id}', getDelivery),
  ofHook('POST', '/deliveries/{delivery_id}/attempts', redeliver),
]

function ofHook(
  method: Method,
  path: string,
  handle: (call: Call, hook: Hook) => Answer | Promise<Answer>,
): GeneralRoute {
  return {
    method,
    path: `/app/hook${path}`,
    handle(call) {
      const app = requireApp(call)
      if (!app.ok) return app.answer
      const hook = hookOfApp(call.world, app.value.id)
      return hook === undefined ? notFound() : handle(call, hook)
    },
  }
}

function updateConfig(call: Call, hook: Hook): Answer {
  const config = readConfig(call.body, hook.config)
  if (!config.ok) return config.answer
  Object.assign(hook, { config: config.value, updatedAt: call.world.clock.now() })
  call.world.changed()
  return json(presentHookConfig(hook))
}
