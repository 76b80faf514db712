import type { RepositoryReading } from '../../../src/model/change.js'
import { notFound, json, ScriptedGitHub } from './scripted-github.js'
import type { Reply, SeenRequest } from './scripted-github.js'

export const heads = { head: 'a'.repeat(40), main: '1'.repeat(40) }
export const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `acme/lib-${index}`)
export const queryOf = (repos: readonly string[], more: object = {}) => ({
  branch: 'DPTA-1',
  statusContext: 'orchestrator-build',
  repositories: repos.map((repo) => ({ repo, workflows: [] as string[] })),
  ...more,
})

export interface Sent {
  query: string
  variables: Record<string, string>
}

/** Names of the repositories in a request. */
export function askedFor({ body }: SeenRequest): string[] {
  const { variables } = body as Sent
  return Object.entries(variables).flatMap(([key, value]) => (/^n\d+$/u.test(key) ? [value] : []))
}

/** A readable repository without the branch, unless changed. */
export function repositoryOf(name: string, changed: object = {}): object {
  return {
    nameWithOwner: `acme/${name}`,
    isArchived: false,
    defaultBranchRef: { name: 'main', target: { __typename: 'Commit', oid: heads.main } },
    ref: null,
    pullRequests: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] },
    earlier: { totalCount: 0, nodes: [] },
    ...changed,
  }
}

/** Answers each requested repository with the result of `of` for its name. */
export function answering(
  of: (name: string) => object | null = (name) => repositoryOf(name),
  more: object = {},
): Reply {
  return (request, signal) => {
    const data = Object.fromEntries(askedFor(request).map((name, index) => [`r${index}`, of(name)]))
    return json(200, { data, ...more })(request, signal)
  }
}

export const refHead = {
  ref: {
    prefix: 'refs/heads/',
    name: 'DPTA-1',
    target: { __typename: 'Commit', oid: heads.head, status: null },
  },
}

export const server = (...replies: Reply[]): ScriptedGitHub => new ScriptedGitHub().on('POST /graphql', ...replies)

/** Lets the REST API answer that two repositories do not exist. */
export function withoutRepositories(it: ScriptedGitHub): ScriptedGitHub {
  for (const name of names(2))
    it.on(`GET /repos/${name}`, notFound).on(`GET /repos/${name}/git/ref/heads/DPTA-1`, notFound)
  return it
}

export function kinds(readings: readonly RepositoryReading[]): string[] {
  return readings.map((reading) => (reading.kind === 'read' ? 'read' : reading.failure.kind))
}
