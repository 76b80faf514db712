import type { EffectiveRule } from '../core/rules.js'
import type { Repository, Ruleset } from '../state/model.js'
import type { World } from '../world.js'
import { nodeId, timestamp } from './common.js'
import { repositoryPage, repositoryUrl } from './repository.js'

/** An entry of `GET /repos/{owner}/{repo}/rulesets`, which omits rules and conditions. */
export function presentRulesetEntry(world: World, repository: Repository, ruleset: Ruleset): Record<string, unknown> {
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: ruleset.target,
    source_type: 'Repository',
    source: world.directory.fullName(repository),
    enforcement: ruleset.enforcement,
    node_id: nodeId('RepositoryRuleset', ruleset.id),
    created_at: timestamp(ruleset.createdAt),
    updated_at: timestamp(ruleset.updatedAt),
    _links: {
      self: { href: `${repositoryUrl(world, repository)}/rulesets/${ruleset.id}` },
      html: { href: `${repositoryPage(world, repository)}/rules/${ruleset.id}` },
    },
  }
}

/** `repository-ruleset` of GitHub's OpenAPI description. */
export function presentRuleset(world: World, repository: Repository, ruleset: Ruleset): Record<string, unknown> {
  return {
    ...presentRulesetEntry(world, repository, ruleset),
    bypass_actors: ruleset.bypassActors,
    current_user_can_bypass: 'never',
    conditions: { ref_name: { include: ruleset.include, exclude: ruleset.exclude } },
    rules: ruleset.rules,
  }
}

/** `repository-rule-detailed` of GitHub's OpenAPI description. */
export function presentEffectiveRule(
  world: World,
  repository: Repository,
  { rule, ruleset }: EffectiveRule,
): Record<string, unknown> {
  return {
    ...rule,
    ruleset_source_type: 'Repository',
    ruleset_source: world.directory.fullName(repository),
    ruleset_id: ruleset.id,
  }
}
