import type { BranchRules, RequiredStatus } from '../../model/branch-rules.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { count, field, list, optional, text } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import { interpret, listOf, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** A rule as far as orch uses it. */
interface Rule {
  isMergeQueue: boolean
  requiredStatuses: readonly RequiredStatus[]
}

/**
 * GET /repos/{owner}/{repo}/rules/branches/{branch} for the rulesets, which a token that may read the repository can see, and
 * GET /repos/{owner}/{repo}/branches/{branch} for the classic protection, which the first does not contain.
 */
export async function readBranchRules(requests: Requests, repo: RepoName, branch: string): Promise<Read<BranchRules>> {
  const [rules, classic] = await Promise.all([
    requests.getPages(rulesAsk(repo, branch), listOf(toRule)),
    readClassicProtection(requests, repo, branch),
  ])
  if (!rules.ok) return rules
  if (!classic.ok) return classic
  const requiredStatuses = [...rules.value.flatMap((rule) => rule.requiredStatuses), ...classic.value]
  return { ok: true, value: { requiredStatuses, hasMergeQueue: rules.value.some(({ isMergeQueue }) => isMergeQueue) } }
}

function rulesAsk(repo: RepoName, branch: string): Ask {
  return {
    repo,
    need: needs.readRepository,
    thing: `the rules of ${branch} of ${repo}`,
    isPlural: true,
    path: repoPath(repo, 'rules', 'branches', branch),
  }
}

async function readClassicProtection(
  requests: Requests,
  repo: RepoName,
  branch: string,
): Promise<Read<RequiredStatus[]>> {
  const path = repoPath(repo, 'branches', branch)
  const ask: Ask = { repo, need: needs.readContents, thing: `the branch ${branch} of ${repo}`, path }
  return interpret(ask, await requests.get(ask), toClassicStatuses)
}

function toRule(payload: unknown): Rule {
  const type = text(payload, 'type')
  const isMergeQueue = type === 'merge_queue'
  if (type !== 'required_status_checks') return { isMergeQueue, requiredStatuses: [] }
  const rulesetId = count(payload, 'ruleset_id')
  const checks = list(field(field(payload, 'parameters'), 'required_status_checks'))
  const requiredStatuses = checks.map((check) => toRequiredStatus(check, 'integration_id', rulesetId))
  return { isMergeQueue, requiredStatuses }
}

/** A branch without classic protection has none, or one that is not enabled. */
function toClassicStatuses(payload: unknown): RequiredStatus[] {
  const protection = optional(payload, 'protection') ?? {}
  const required = optional(protection, 'required_status_checks') ?? {}
  const checks = optional(required, 'checks') ?? []
  return list(checks).map((check) => toRequiredStatus(check, 'app_id', null))
}

function toRequiredStatus(check: unknown, appKey: string, rulesetId: number | null): RequiredStatus {
  const isPinned = (optional(check, appKey) ?? null) !== null
  return { context: text(check, 'context'), appId: isPinned ? count(check, appKey) : null, rulesetId }
}
