import type { Hook, HookDelivery, HookOwner } from '../../ports/host/hooks.js'
import type { Read } from '../../ports/host/read.js'
import type { Answered, Ask } from '../api/ask.js'
import { serviceNeeds } from '../api/permissions.js'
import { interpret, listOf, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'
import { toDeliveredPayload, toHook, toHookAddress, toHookDelivery } from './hook-payload.js'

const pageSize = 100
/** More pages than three days of deliveries have: reading ends here if a server always names a next page. */
const maxPages = 1_000

/** GET /repos/{owner}/{repo}/hooks, GET /orgs/{org}/hooks, GET /app/hook/config */
export async function listHooks(requests: Requests, owner: HookOwner): Promise<Read<Hook[]>> {
  if (owner.kind === 'app') {
    const ask = askFor(owner, 'config')
    const address = interpret(ask, await requests.get(ask), toHookAddress)
    if (!address.ok) return address
    return { ok: true, value: address.value === null ? [] : [{ owner, id: null, url: address.value }] }
  }
  const hooks = await requests.getPages({ ...askFor(owner), isPlural: true }, listOf(toHook))
  return hooks.ok ? { ok: true, value: hooks.value.map((hook) => ({ owner, ...hook })) } : hooks
}

/** GET …/deliveries: newest first, in pages that a cursor names. */
export async function listHookDeliveries(requests: Requests, hook: Hook, since: number): Promise<Read<HookDelivery[]>> {
  const ask = askFor(hook.owner, ...idOf(hook), 'deliveries')
  const all: HookDelivery[] = []
  let cursor: string | null = null
  for (let page = 0; page < maxPages; page += 1) {
    const parameters = { per_page: pageSize, ...(cursor === null ? {} : { cursor }) }
    const answer = await requests.get({ ...ask, parameters, isPlural: true })
    const items = interpret(ask, answer, listOf(toHookDelivery))
    if (!items.ok) return items
    all.push(...items.value)
    cursor = answer.ok ? nextCursor(answer) : null
    if (cursor === null || items.value.some(({ deliveredAt }) => deliveredAt < since)) break
  }
  return { ok: true, value: all }
}

/** GET …/deliveries/{delivery_id} */
export async function readHookPayload(
  requests: Requests,
  hook: Hook,
  deliveryId: number,
): Promise<Read<object | null>> {
  const ask = askFor(hook.owner, ...idOf(hook), 'deliveries', deliveryId)
  return interpret(ask, await requests.get(ask), toDeliveredPayload)
}

function idOf({ id }: Hook): number[] {
  return id === null ? [] : [id]
}

function askFor(owner: HookOwner, ...path: readonly (string | number)[]): Ask {
  switch (owner.kind) {
    case 'app': {
      const thing = 'the webhook of the GitHub App'
      return { repo: thing, need: serviceNeeds.readApp, thing, path: ['/app/hook', ...path].join('/') }
    }
    case 'organization': {
      const thing = `the webhooks of ${owner.login}`
      const root = `/orgs/${encodeURIComponent(owner.login)}/hooks`
      return { repo: owner.login, need: serviceNeeds.readOrganizationHooks, thing, path: [root, ...path].join('/') }
    }
    case 'repository': {
      const { repo } = owner
      const thing = `the webhooks of ${repo}`
      return { repo, need: serviceNeeds.readHooks, thing, path: repoPath(repo, 'hooks', ...path) }
    }
  }
}

/** The cursor of the next page. The address of the link itself is not used: it could send the token to another server. */
function nextCursor({ headers }: Answered): string | null {
  const next = /<([^>]*)>;[^,]*\brel="next"/u.exec(headers['link'] ?? '')?.[1]
  return next !== undefined && URL.canParse(next) ? new URL(next).searchParams.get('cursor') : null
}
