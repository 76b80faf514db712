import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { count, list, optional, text, textOrNull } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import { interpret, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/**
 * GET /repos/{owner}/{repo}/rulesets/{ruleset_id}: the property `bypass_actors` is left out for a token that may not change the ruleset, and
 * GitHub hides the whole ruleset of an organization from some tokens (404).
 */
export async function readBypassActors(
  requests: Requests,
  repo: RepoName,
  rulesetId: number,
): Promise<Read<string[] | null>> {
  const ask: Ask = {
    repo,
    need: needs.readRepository,
    thing: `ruleset ${rulesetId} of ${repo}`,
    path: repoPath(repo, 'rulesets', rulesetId),
  }
  const answer = await requests.get(ask)
  if (!answer.ok && answer.failure.kind === 'not-found') return { ok: true, value: null }
  return interpret(ask, answer, toActors)
}

function toActors(payload: unknown): string[] | null {
  const actors = optional(payload, 'bypass_actors')
  return actors === undefined || actors === null ? null : list(actors).map(toActor)
}

/** GitHub's words for the types of actors. */
const names: Readonly<Record<string, string>> = {
  Integration: 'the GitHub App',
  OrganizationAdmin: 'the owners of the organization',
  RepositoryRole: 'the repository role',
  Team: 'the team',
  DeployKey: 'every deploy key',
  User: 'the user',
}

/** Types that need no id, because they name everybody. */
const wholeGroups: ReadonlySet<string> = new Set(['OrganizationAdmin', 'DeployKey'])

function toActor(payload: unknown): string {
  const type = text(payload, 'actor_type')
  const name = names[type] ?? type
  const hasId = !wholeGroups.has(type) && (optional(payload, 'actor_id') ?? null) !== null
  const actor = hasId ? `${name} ${count(payload, 'actor_id')}` : name
  return textOrNull(payload, 'bypass_mode') === 'pull_request' ? `${actor} (for pull requests)` : actor
}
