import { latestCheckRuns } from '../checks/check-runs.js'
import type { CheckRun } from '../state/check-run.js'
import type {
  CommitStatus,
  Repository,
  RequiredStatusCheck,
  Ruleset,
  RulesetRule,
  StatusState,
} from '../state/model.js'
import type { World } from '../world.js'

/** A rule with the ruleset that defines it. */
export interface EffectiveRule {
  ruleset: Ruleset
  rule: RulesetRule
}

/** Returns the rules of active rulesets that apply to a branch. The branch does not have to exist. */
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

/** Matches as Ruby's File.fnmatch with FNM_PATHNAME does, as rulesets do: `*` matches within a path segment, `**` before a slash matches any segments. */
function fnmatch(pattern: string, name: string): boolean {
  const source = pattern.replace(/\*\*\/|\*|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:[^/]+/)*'
    if (part === '*') return '[^/]*'
    return part === '?' ? '[^/]' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source}$`).test(name)
}

/** Returns the newest status of each context of a commit, newest first. Contexts that differ only in case are the same context. */
export function latestStatuses(repository: Repository, sha: string): CommitStatus[] {
  const newest = new Map<string, CommitStatus>()
  for (const status of (repository.statuses.get(sha) ?? []).toReversed()) {
    const key = status.context.toLowerCase()
    if (!newest.has(key)) newest.set(key, status)
  }
  return [...newest.values()]
}

/** Returns the combined state of a commit's statuses, as `GET /repos/{owner}/{repo}/commits/{ref}/status` does. */
export function combinedState(statuses: CommitStatus[]): StatusState {
  if (statuses.some(({ state }) => state === 'failure' || state === 'error')) return 'failure'
  return statuses.length === 0 || statuses.some(({ state }) => state === 'pending') ? 'pending' : 'success'
}

/** Returns the required status checks of a rule, or null if the rule has another type. */
export function requiredChecks(rule: RulesetRule): { checks: RequiredStatusCheck[]; strict: boolean } | null {
  if (rule.type !== 'required_status_checks') return null
  const { required_status_checks: checks, strict_required_status_checks_policy: strict } = rule.parameters ?? {}
  // The ruleset was validated on creation, so the cast is safe.
  return { checks: checks as RequiredStatusCheck[], strict: strict === true }
}

/** Whether pull requests into a branch can be merged only through a merge queue. */
export function hasMergeQueue(repository: Repository, branch: string): boolean {
  return rulesForBranch(repository, branch).some(({ rule }) => rule.type === 'merge_queue')
}

/** Returns, in GitHub's words, the rules of the base branch that a merge of the head violates. An empty list permits the merge. */
export async function ruleViolations(
  world: World,
  repository: Repository,
  merge: { headSha: string; baseRef: string; baseSha: string },
): Promise<string[]> {
  const violations = new Set<string>()
  for (const { rule } of rulesForBranch(repository, merge.baseRef)) {
    const required = requiredChecks(rule)
    if (rule.type === 'merge_queue') violations.add('Changes must be made through the merge queue')
    if (rule.type === 'update') violations.add('Cannot update this protected ref.')
    if (required === null) continue
    for (const check of required.checks) {
      const violation = checkViolation(check.context, resultsOf(world, repository, merge.headSha, check))
      if (violation !== null) violations.add(violation)
    }
    if (required.strict && !(await world.git.isAncestor(repository.id, merge.baseSha, merge.headSha))) {
      violations.add('The head branch is not up to date with the base branch.')
    }
  }
  return [...violations]
}

/** Returns the result of all required checks of a branch on a commit. Without any, it is a success. */
export function requiredResult(world: World, repository: Repository, branch: string, sha: string): CheckResult {
  const results = rulesForBranch(repository, branch).flatMap(({ rule }) => {
    return (requiredChecks(rule)?.checks ?? []).map((check) => combined(resultsOf(world, repository, sha, check)))
  })
  return results.length === 0 ? 'success' : combined(results)
}

function combined(results: CheckResult[]): CheckResult {
  if (results.includes('failure')) return 'failure'
  return results.length === 0 || results.includes('pending') ? 'pending' : 'success'
}

type CheckResult = 'success' | 'pending' | 'failure'

/** Returns the newest status and check runs of a required check. One that is pinned to an App counts only what this App reports. */
function resultsOf(
  world: World,
  repository: Repository,
  sha: string,
  { context, integration_id: appId }: RequiredStatusCheck,
): CheckResult[] {
  const botId = appId === undefined ? undefined : world.directory.state.apps.get(appId)?.botId
  const name = context.toLowerCase()
  const status = (repository.statuses.get(sha) ?? []).findLast((each) => {
    return each.context.toLowerCase() === name && (appId === undefined || each.creatorId === botId)
  })
  const runs = latestCheckRuns(repository, sha).filter((run) => {
    return run.name.toLowerCase() === name && (appId === undefined || run.appId === appId)
  })
  const ofStatus = status?.state === 'error' ? 'failure' : status?.state
  return [...(ofStatus === undefined ? [] : [ofStatus]), ...runs.map(resultOfRun)]
}

function resultOfRun({ conclusion }: CheckRun): CheckResult {
  if (conclusion === null) return 'pending'
  return ['success', 'neutral', 'skipped'].includes(conclusion) ? 'success' : 'failure'
}

function checkViolation(context: string, results: CheckResult[]): string | null {
  const result = combined(results)
  if (result === 'failure') return `Required status check "${context}" is failing.`
  return result === 'pending' ? `Required status check "${context}" is expected.` : null
}
