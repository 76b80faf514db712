import { grantInOrganization } from '../../access/grants.js'
import { inaccessible } from '../../http/access.js'
import type { Answer } from '../../http/answer.js'
import { failure, notFound } from '../../http/answer.js'
import type { Call, GeneralRoute, Method } from '../../http/call.js'
import type { Account } from '../../state/model.js'
import type { HookEndpoint } from './hook-endpoints.js'
import { hookEndpoints } from './hook-endpoints.js'

/** Webhooks of organizations. */
export const organizationHookRoutes: GeneralRoute[] = hookEndpoints.map((endpoint) => ({
  method: endpoint.method,
  path: `/orgs/{org}${endpoint.path}`,
  handle: (call) => handle(call, endpoint),
}))

function handle(call: Call, endpoint: HookEndpoint): Answer | Promise<Answer> {
  const organization = call.world.directory.account(call.params.org ?? '')
  if (organization?.type !== 'Organization') return notFound()
  const refused = refusal(call, endpoint.method, organization)
  return refused ?? endpoint.handle(call, { type: 'organization', id: organization.id })
}

/** A token needs `organization_hooks`; one with grants by repository needs it for all repositories (`*`). */
function refusal({ world, actor }: Call, method: Method, organization: Account): Answer | null {
  if (actor === null) return failure(401, 'Requires authentication')
  const grant = grantInOrganization(world, actor, organization)
  if (grant === 'all') return null
  const level = method === 'GET' ? 'read' : 'write'
  const held = grant === 'none' ? undefined : grant.organization_hooks
  if (held === 'write' || held === level) return null
  // To GitHub, the hooks do not exist for a user who does not administer the organization.
  if (actor.token.scope === undefined && actor.token.grants === null) return notFound()
  return failure(403, inaccessible(actor), { 'x-accepted-github-permissions': `organization_hooks=${level}` })
}
