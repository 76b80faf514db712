import type {
  CommitStatus,
  Repository,
  RequiredStatusCheck,
  Ruleset,
  RulesetRule,
  StatusState,
} from '../state/model.js'
import type { World } from '../world.js'

/** A rule with the ruleset that it comes from. */
export interface EffectiveRule {
  ruleset: Ruleset
  rule: RulesetRule
}

/** The rules of active rulesets that hold for a branch, which need not exist. */
export function rulesForBranch(repository: Repository, branch: string): EffectiveRule[] {
  return [...repository.rulesets.values()]
    .filter((ruleset) => ruleset.enforcement === 'active' && ruleset.target === 'branch')
    .filter((ruleset) => {
      const matches = (pattern: string): boolean => matchesBranch(repository, pattern, branch)
      return ruleset.include.some(matches) && !ruleset.exclude.some(matches)
    })
    .flatMap((ruleset) => ruleset.rules.map((rule) => ({ ruleset, rule })))
}

function matchesBranch(repository: Repository, pattern: string, branch: string): boolean {
  if (pattern === '~ALL') return true
  if (pattern === '~DEFAULT_BRANCH') return branch === repository.defaultBranch
  return fnmatch(pattern, `refs/heads/${branch}`)
}

/** Ruby's File.fnmatch with FNM_PATHNAME, as rulesets use it: `*` stays within a part of the path, `**` followed by `/` does not. */
function fnmatch(pattern: string, name: string): boolean {
  const source = pattern.replace(/\*\*\/|\*|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*'
    if (part === '*') return '[^/]*'
    return part === '?' ? '[^/]' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source}$`).test(name)
}

/** Newest status of each context of a commit (contexts differ in more than case), newest first. */
export function latestStatuses(repository: Repository, sha: string): CommitStatus[] {
  const newest = new Map<string, CommitStatus>()
  for (const status of (repository.statuses.get(sha) ?? []).toReversed()) {
    const key = status.context.toLowerCase()
    if (!newest.has(key)) newest.set(key, status)
  }
  return [...newest.values()]
}

/** The state of all statuses of a commit together: `GET /repos/{owner}/{repo}/commits/{ref}/status`. */
export function combinedState(statuses: CommitStatus[]): StatusState {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure'
  return statuses.length === 0 || statuses.some(({ state }) => state === 'pending') ? 'pending' : 'success'
}

/** The required status checks of a rule, or null if it is another rule. */
export function requiredChecks(rule: RulesetRule): { checks: RequiredStatusCheck[]; strict: boolean } | null {
  if (rule.type !== 'required_status_checks') return null
  const { required_status_checks: checks, strict_required_status_checks_policy: strict } = rule.parameters ?? {}
  // The form was checked when the ruleset was made.
  return { checks: checks as RequiredStatusCheck[], strict: strict === true }
}

/** What the rules of its base branch hold against merging a head, in GitHub's words; empty: nothing. */
export async function ruleViolations(
  world: World,
  repository: Repository,
  merge: { headSha: string; baseRef: string; baseSha: string },
): Promise<string[]> {
  const violations = new Set<string>()
  const statuses = latestStatuses(repository, merge.headSha)
  for (const { rule } of rulesForBranch(repository, merge.baseRef)) {
    const required = requiredChecks(rule)
    if (rule.type === 'update') violations.add('Cannot update this protected ref.')
    if (required === null) continue
    for (const { context } of required.checks) {
      const violation = checkViolation(context, statuses)
      if (violation !== null) violations.add(violation)
    }
    if (required.strict && !(await world.git.isAncestor(repository.id, merge.baseSha, merge.headSha))) {
      violations.add('The head branch is not up to date with the base branch.')
    }
  }
  return [...violations]
}

function checkViolation(context: string, statuses: CommitStatus[]): string | null {
  const status = statuses.find((candidate) => candidate.context.toLowerCase() === context.toLowerCase())
  switch (status?.state) {
    case 'success':
      return null
    case undefined:
    case 'pending':
      return `Required status check "${context}" is expected.`
    case 'failure':
    case 'error':
      return `Required status check "${context}" is failing.`
  }
}
