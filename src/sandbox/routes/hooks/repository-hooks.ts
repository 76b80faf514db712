import type { Answer } from '../../http/answer.js'
import { empty } from '../../http/answer.js'
import type { Call, RepositoryRoute } from '../../http/call.js'
import { permission, requireActor } from '../../http/call.js'
import type { Hook } from '../../state/hook.js'
import { receives } from '../../webhooks/event-names.js'
import { latestPushOf } from '../../webhooks/events/push.js'
import { hookEndpoints, ofHook } from './hook-endpoints.js'

/** Webhooks of repositories. */
export const repositoryHookRoutes: RepositoryRoute[] = [...hookEndpoints, ofHook('POST', '/tests', test)].map(
  (endpoint) => ({
    method: endpoint.method,
    path: endpoint.path,
    permissions: [permission('repository_hooks', endpoint.method === 'GET' ? 'read' : 'write')],
    handle: (call) => endpoint.handle(call, { type: 'repository', id: call.repository.id }),
  }),
)

/** Delivers the latest push again, to a hook that subscribes to pushes. */
function test(call: Call, hook: Hook): Answer {
  const { world } = call
  const repository = world.directory.state.repositories.get(hook.owner.id)
  const push = repository && latestPushOf(world, repository, requireActor(call).account)
  if (push !== undefined && receives(hook, 'push')) world.webhooks.deliverTo(hook, push)
  return empty(204)
}
