import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { FoundRuleset, StatusRuleset } from '../../ports/host/setup.js'
import type { Ask } from '../api/ask.js'
import { count, field, list, optional, text, textOrNull } from '../api/fields.js'
import { needs, setupNeeds } from '../api/permissions.js'
import { interpret, listOf, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

function rulesetsAsk(repo: RepoName, need: Ask['need'], ...id: readonly number[]): Ask {
  return { repo, need, thing: `the rulesets of ${repo}`, isPlural: true, path: repoPath(repo, 'rulesets', ...id) }
}

/** GET /repos/{owner}/{repo}/rulesets, and GET /repos/{owner}/{repo}/rulesets/{ruleset_id} for the one of that name. */
export async function findStatusRuleset(
  requests: Requests,
  repo: RepoName,
  { name, context }: Omit<StatusRuleset, 'appId'>,
): Promise<Read<FoundRuleset | null>> {
  const ask = rulesetsAsk(repo, needs.readRepository)
  const rulesets = await requests.getPages({ ...ask, parameters: { includes_parents: false } }, listOf(toEntry))
  if (!rulesets.ok) return rulesets
  const entry = rulesets.value.find((each) => each.name === name && each.isOfRepository)
  if (!entry) return { ok: true, value: null }
  const one = rulesetsAsk(repo, needs.readRepository, entry.id)
  const expected = JSON.stringify(contentOf({ name, context, appId: null }))
  const isUnchanged = (payload: unknown): boolean => JSON.stringify(toContent(payload)) === expected
  return interpret(one, await requests.get(one), (payload) => ({ id: entry.id, isUnchanged: isUnchanged(payload) }))
}

/** POST /repos/{owner}/{repo}/rulesets */
export async function createStatusRuleset(
  requests: Requests,
  repo: RepoName,
  ruleset: StatusRuleset,
): Promise<Read<null>> {
  const ask = { ...rulesetsAsk(repo, setupNeeds.writeRulesets), parameters: bodyOf(ruleset) }
  return interpret(ask, await requests.post(ask, { lane: 'status', repeat: 'limits' }), () => null)
}

/** DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id} */
export async function deleteRuleset(requests: Requests, repo: RepoName, id: number): Promise<Read<null>> {
  const ask = rulesetsAsk(repo, setupNeeds.writeRulesets, id)
  return interpret(ask, await requests.delete(ask, { lane: 'status', repeat: 'limits' }), () => null)
}

function toEntry(payload: unknown): { id: number; name: string; isOfRepository: boolean } {
  const isOfRepository = textOrNull(payload, 'source_type') !== 'Organization'
  return { id: count(payload, 'id'), name: text(payload, 'name'), isOfRepository }
}

/** What identifies a ruleset as ours. */
interface Content {
  target: string
  enforcement: string
  include: readonly unknown[]
  exclude: readonly unknown[]
  types: readonly string[]
  contexts: readonly string[]
  isStrict: boolean
  /** How many may bypass it, as far as GitHub shows that to the token. */
  bypassCount: number
}

function contentOf({ context }: StatusRuleset): Content {
  return {
    target: 'branch',
    enforcement: 'active',
    include: ['~DEFAULT_BRANCH'],
    exclude: [],
    types: ['required_status_checks'],
    contexts: [context],
    isStrict: false,
    bypassCount: 0,
  }
}

function bodyOf(ruleset: StatusRuleset): Readonly<Record<string, unknown>> {
  const { target, enforcement, include, exclude } = contentOf(ruleset)
  const { name, context, appId } = ruleset
  const check = { context, ...(appId === null ? {} : { integration_id: appId }) }
  const parameters = { required_status_checks: [check], strict_required_status_checks_policy: false }
  const rules = [{ type: 'required_status_checks', parameters }]
  return { name, target, enforcement, conditions: { ref_name: { include, exclude } }, rules }
}

function toContent(payload: unknown): Content {
  const names = optional(optional(payload, 'conditions') ?? {}, 'ref_name') ?? {}
  const rules = list(optional(payload, 'rules') ?? [])
  return {
    target: textOrNull(payload, 'target') ?? '',
    enforcement: text(payload, 'enforcement'),
    include: list(optional(names, 'include') ?? []),
    exclude: list(optional(names, 'exclude') ?? []),
    types: rules.map((rule) => text(rule, 'type')),
    contexts: rules.flatMap(contextsOf),
    isStrict: rules.some(isStrict),
    bypassCount: list(optional(payload, 'bypass_actors') ?? []).length,
  }
}

function isStrict(rule: unknown): boolean {
  return optional(optional(rule, 'parameters') ?? {}, 'strict_required_status_checks_policy') === true
}

function contextsOf(rule: unknown): string[] {
  if (text(rule, 'type') !== 'required_status_checks') return []
  return list(field(field(rule, 'parameters'), 'required_status_checks')).map((check) => text(check, 'context'))
}
