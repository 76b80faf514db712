import { rulesForBranch } from '../core/rules.js'
import { isPermitted } from '../http/access.js'
import type { Answer, Result } from '../http/answer.js'
import { empty, found, invalid, invalidRequest, json, notFound, refuse } from '../http/answer.js'
import { isObject, readFields } from '../http/body.js'
import type { Body } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission } from '../http/call.js'
import { pagedList } from '../http/pagination.js'
import { presentEffectiveRule, presentRuleset, presentRulesetEntry } from '../present/ruleset.js'
import type { Ruleset, RulesetRule } from '../state/model.js'

const read = permission('metadata', 'read')
const write = permission('administration', 'write')

/** Rulesets of repositories. Only `required_status_checks`, `merge_queue` and `update` are enforced, and only when pull requests are merged. */
export const rulesetRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/rulesets', permissions: [read], handle: listRulesets },
  { method: 'POST', path: '/rulesets', permissions: [write], handle: createRuleset },
  { method: 'GET', path: '/rulesets/{ruleset_id}', permissions: [read], handle: getRuleset },
  { method: 'PUT', path: '/rulesets/{ruleset_id}', permissions: [write], handle: replaceRuleset },
  { method: 'DELETE', path: '/rulesets/{ruleset_id}', permissions: [write], handle: deleteRuleset },
  { method: 'GET', path: '/rules/branches/{branch}', permissions: [read], handle: listRules },
]

function listRulesets(call: RepositoryCall): Promise<Answer> {
  const rulesets = [...call.repository.rulesets.values()]
  return pagedList(call, rulesets, (ruleset) => presentRulesetEntry(call.world, call.repository, ruleset))
}

function findRuleset(call: RepositoryCall): Ruleset | undefined {
  return call.repository.rulesets.get(Number(call.params.ruleset_id))
}

function getRuleset(call: RepositoryCall): Answer {
  const ruleset = findRuleset(call)
  if (ruleset === undefined) return notFound()
  const { bypass_actors: bypassActors, ...shown } = presentRuleset(call.world, call.repository, ruleset)
  const mayWrite = isPermitted(call.world, call.actor, call.repository, [write])
  return json(mayWrite ? { ...shown, bypass_actors: bypassActors } : shown)
}

function createRuleset(call: RepositoryCall): Answer {
  const { world, repository } = call
  const now = world.clock.now()
  const read = readRuleset(call.body, { target: 'branch', bypassActors: [], include: [], exclude: [], rules: [] })
  if (!read.ok) return read.answer
  if (nameTaken(call, read.value.name, undefined)) return duplicateName()
  const ruleset: Ruleset = { id: world.directory.newId(), ...read.value, createdAt: now, updatedAt: now }
  repository.rulesets.set(ruleset.id, ruleset)
  world.changed(repository)
  return json(presentRuleset(world, repository, ruleset), 201)
}

function replaceRuleset(call: RepositoryCall): Answer {
  const ruleset = findRuleset(call)
  if (ruleset === undefined) return notFound()
  const { name, enforcement } = ruleset
  const read = readRuleset({ name, enforcement, ...call.body }, ruleset)
  if (!read.ok) return read.answer
  if (nameTaken(call, read.value.name, ruleset)) return duplicateName()
  Object.assign(ruleset, read.value, { updatedAt: call.world.clock.now() })
  call.world.changed(call.repository)
  return json(presentRuleset(call.world, call.repository, ruleset))
}

function deleteRuleset(call: RepositoryCall): Answer {
  const ruleset = findRuleset(call)
  if (ruleset === undefined) return notFound()
  call.repository.rulesets.delete(ruleset.id)
  call.world.changed(call.repository)
  return empty(204)
}

function listRules(call: RepositoryCall): Promise<Answer> {
  const rules = rulesForBranch(call.repository, call.params.branch ?? '')
  return pagedList(call, rules, (rule) => presentEffectiveRule(call.world, call.repository, rule))
}

function nameTaken(call: RepositoryCall, name: string, own: Ruleset | undefined): boolean {
  return [...call.repository.rulesets.values()].some((other) => other !== own && other.name === name)
}

function duplicateName(): Answer {
  return invalid([{ resource: 'Repository rule', field: 'name', code: 'custom', message: 'Name must be unique' }])
}

type Content = Omit<Ruleset, 'id' | 'createdAt' | 'updatedAt'>

/** Builds the ruleset that a body describes; absent fields are taken from `present`. */
function readRuleset(body: Body, present: Omit<Content, 'name' | 'enforcement'>): Result<Content> {
  const fields = readFields(body, {
    name: 'string',
    enforcement: 'string',
    target: 'string?',
    bypass_actors: 'array?',
    conditions: 'object?',
    rules: 'array?',
  })
  if (!fields.ok) return fields
  const { name, enforcement, target = present.target, bypass_actors: bypassActors, conditions, rules } = fields.value
  if (enforcement !== 'active' && enforcement !== 'evaluate' && enforcement !== 'disabled') {
    return refuse(invalidRequest(`For 'properties/enforcement', ${JSON.stringify(enforcement)} is not possible.`))
  }
  if (target !== 'branch' && target !== 'tag') {
    return refuse(invalidRequest(`For 'properties/target', ${JSON.stringify(target)} is not possible.`))
  }
  const read = rules === undefined ? found(present.rules) : readRules(rules)
  if (!read.ok) return read
  const names = isObject(conditions?.ref_name) ? conditions.ref_name : null
  return found({
    name,
    enforcement,
    target,
    bypassActors: bypassActors ?? present.bypassActors,
    include: names === null ? present.include : strings(names.include),
    exclude: names === null ? present.exclude : strings(names.exclude),
    rules: read.value,
  })
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function readRules(rules: unknown[]): Result<RulesetRule[]> {
  const read: RulesetRule[] = []
  for (const [position, rule] of rules.entries()) {
    if (!isObject(rule) || typeof rule.type !== 'string') {
      return refuse(invalidRequest(`For 'properties/rules/${position}', a rule needs a type.`))
    }
    const parameters = isObject(rule.parameters) ? rule.parameters : undefined
    if (rule.type === 'required_status_checks' && !areRequiredChecks(parameters?.required_status_checks)) {
      const message = `Invalid parameters for rule 'required_status_checks'`
      return refuse(invalid([{ resource: 'Repository rule', code: 'custom', message }]))
    }
    read.push({ type: rule.type, ...(parameters !== undefined && { parameters: completed(rule.type, parameters) }) })
  }
  return found(read)
}

function areRequiredChecks(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((check) => {
      if (!isObject(check) || typeof check.context !== 'string') return false
      const { integration_id: integration } = check
      return integration === undefined || (typeof integration === 'number' && integration > 0)
    })
  )
}

function completed(type: string, parameters: Record<string, unknown>): Record<string, unknown> {
  if (type !== 'required_status_checks') return parameters
  return { strict_required_status_checks_policy: false, do_not_enforce_on_create: false, ...parameters }
}
