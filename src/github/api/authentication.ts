import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { readHost, type GitHubHost } from './host.js'
import { describePermission, needs, type Need } from './permissions.js'
import { tokenProblem } from './token.js'

/** Environment variables by name; an empty one counts as unset. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Authentication {
  host: GitHubHost
  /** null: none was found. */
  token: string | null
  /** Where the token comes from, for messages: a variable's name, or `gh auth token`. */
  source: string | null
}

/**
 * Finds the GitHub server and the token for it: for github.com and *.ghe.com GH_TOKEN, then GITHUB_TOKEN; for a GitHub
 * Enterprise Server GH_ENTERPRISE_TOKEN, then GITHUB_ENTERPRISE_TOKEN; then the result of `ghAuthToken` for the host
 * (`gh auth token --hostname HOST`; null: it has none). A token is never used for a host that it is not meant for.
 * The failures name variables and never hold a value of a token.
 */
export async function resolveAuthentication(
  env: Environment,
  ghAuthToken: (hostname: string) => Promise<string | null>,
): Promise<Read<Authentication>> {
  const host = readHost(env)
  if (!host.ok) return host
  for (const variable of tokenVariables(host.value)) {
    const text = (env[variable] ?? '').trim()
    if (text !== '') return readToken(host.value, text, variable)
  }
  const text = ((await ghAuthToken(host.value.hostname)) ?? '').trim()
  if (text !== '') return readToken(host.value, text, 'gh auth token')
  return { ok: true, value: { host: host.value, token: null, source: null } }
}

/** The failure of a command that needs a token when none was found. */
export function missingToken(host: GitHubHost, repos: readonly RepoName[]): Failure {
  const [first] = tokenVariables(host)
  const where = host.isEnterpriseServer ? ' (GH_TOKEN is for github.com only)' : ''
  const on = repos.length === 0 ? 'the repositories of the graph' : repos.join(', ')
  return {
    kind: 'unauthorized',
    message: `there is no token for ${host.hostname}`,
    remedy: `run "gh auth login --hostname ${host.hostname}" or set ${first}${where}. It needs ${describeNeeds()} on ${on}`,
  }
}

function tokenVariables({ isEnterpriseServer }: GitHubHost): readonly [string, string] {
  return isEnterpriseServer ? ['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'] : ['GH_TOKEN', 'GITHUB_TOKEN']
}

function readToken(host: GitHubHost, token: string, source: string): Read<Authentication> {
  const problem = tokenProblem(token)
  if (problem === null) return { ok: true, value: { host, token, source } }
  return {
    ok: false,
    failure: {
      kind: 'unauthorized',
      message: `the token in ${source} has ${problem}`,
      remedy: 'copy the whole token again, without anything around it',
    },
  }
}

/** The permissions that a token needs for a run, each with the strongest access that is used. */
function describeNeeds(): string {
  const strongest = new Map<string, string>()
  for (const { permission } of Object.values<Need>(needs)) {
    const [name = '', access = ''] = permission.split('=')
    if (access === 'write' || !strongest.has(name)) strongest.set(name, permission)
  }
  return [...strongest.values()].map(describePermission).join(', ')
}
