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
 * Enterprise Server GH_ENTERPRISE_TOKEN, then GITHUB_ENTERPRISE_TOKEN, and in a workflow of that server GH_TOKEN and GITHUB_TOKEN too;
 * then the result of `ghAuthToken` for the host (`gh auth token --hostname HOST`; null: it has none). A token is never used for a host
 * that it is not meant for.
 * The failures name variables and never hold a value of a token.
 */
export async function resolveAuthentication(
  env: Environment,
  ghAuthToken: (hostname: string) => Promise<string | null>,
): Promise<Read<Authentication>> {
  const host = readHost(env)
  if (!host.ok) return host
  for (const variable of tokenVariables(host.value, env)) {
    const text = (env[variable] ?? '').trim()
    if (text !== '') return readToken(host.value, text, variable)
  }
  const text = ((await ghAuthToken(host.value.hostname)) ?? '').trim()
  if (text !== '') return readToken(host.value, text, 'gh auth token')
  return { ok: true, value: { host: host.value, token: null, source: null } }
}

/** The failure of a command that needs a token when none was found. `permissions`: those that it needs. */
export function missingToken(
  host: GitHubHost,
  env: Environment,
  repos: readonly RepoName[],
  permissions = describeNeeds(),
): Failure {
  const variables = tokenVariables(host, env)
  const isForGitHubCom = !variables.includes('GH_TOKEN')
  const first = isForGitHubCom ? variables[0] : 'GH_TOKEN'
  const where = isForGitHubCom ? ' (GH_TOKEN is for github.com only)' : ''
  const on = repos.length === 0 ? 'the repositories of the graph' : repos.join(', ')
  return {
    kind: 'unauthorized',
    message: `there is no token for ${host.hostname}`,
    remedy: `run "gh auth login --hostname ${host.hostname}" or set ${first}${where}. It needs ${permissions} on ${on}`,
  }
}

const tokens = ['GH_TOKEN', 'GITHUB_TOKEN'] as const
const enterpriseTokens = ['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'] as const

/** The variables that may hold a token of the host, in the order of their precedence. */
function tokenVariables(host: GitHubHost, env: Environment): readonly string[] {
  if (!host.isEnterpriseServer) return tokens
  return isServerOfActions(host, env) ? [...enterpriseTokens, ...tokens] : enterpriseTokens
}

/**
 * Whether this process runs in a workflow of the server: the runner sets GITHUB_API_URL, which a workflow cannot override, and the tokens in
 * GITHUB_TOKEN and GH_TOKEN are then those of the server.
 */
function isServerOfActions({ hostname }: GitHubHost, env: Environment): boolean {
  if (env['GITHUB_ACTIONS'] !== 'true' || (env['GITHUB_API_URL'] ?? '').trim() === '') return false
  const server = readHost({ GITHUB_API_URL: env['GITHUB_API_URL'] })
  return server.ok && server.value.hostname === hostname
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
