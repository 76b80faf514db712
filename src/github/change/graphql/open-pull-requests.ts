import type { Failure } from '../../../model/failure.js'
import { splitRepo, type RepoName } from '../../../model/repo-name.js'
import type { Read } from '../../../ports/host/read.js'
import { unexpectedAnswer } from '../../api/classify.js'
import type { DatedPullRequest } from '../dated-pull-request.js'
import { field, UnexpectedShape } from '../../api/fields.js'
import { needs } from '../../api/permissions.js'
import { namesVariables, aliasOf, pullRequestsFragment, type QueryText } from './change-query.js'
import { readInChunks, type ChunkSize } from '../../graphql/chunks.js'
import { isFailureInside, type GraphQLEndpoint } from '../../graphql/endpoint.js'
import { toPage, toPullRequest } from './payload.js'

/** The next page of the open pull requests of one repository. */
export const morePullRequestsQuery = `query MorePullRequests($owner: String!, $name: String!, $after: String!) {
  r0: repository(owner: $owner, name: $name, followRenames: false) {
    pullRequests(states: OPEN, first: 100, after: $after) { ...PullRequests }
  }
}
${pullRequestsFragment}`

/** More pages than GitHub has of anything: reading ends here if a server always names a next page. */
const maxPages = 300

/** The pull requests after a cursor; none if the cursor is null. `rest`: the REST API must be used. */
export async function readMorePullRequests(
  endpoint: GraphQLEndpoint,
  repo: RepoName,
  after: string | null,
): Promise<Read<DatedPullRequest[]> | 'rest'> {
  const found: DatedPullRequest[] = []
  const subject = { repo, need: needs.readPullRequests, thing: `the pull requests of ${repo}` }
  let cursor = after
  for (let page = 0; cursor !== null; page += 1) {
    if (page === maxPages) return { ok: false, failure: unexpectedAnswer(subject, 'it has no last page') }
    const variables = { ...splitRepo(repo), after: cursor }
    const result = await endpoint.query({ ...subject, query: morePullRequestsQuery, variables })
    if (result.kind === 'failed') return { ok: false, failure: result.failure }
    if (result.kind !== 'answered' || result.errors.length > 0) return 'rest'
    // The caller handles UnexpectedShape, as for the first page.
    const read = toPage(field(field(result.data, 'r0'), 'pullRequests'))
    found.push(...read.nodes.map(toPullRequest))
    cursor = read.next
  }
  return { ok: true, value: found }
}

/** The first pages of the open pull requests of several repositories. */
export function openPullRequestsQuery(repositories: readonly { repo: RepoName }[]): QueryText {
  const declared = repositories.map((_, index) => `$o${index}: String!, $n${index}: String!`)
  const aliases = repositories.map(
    (_, index) =>
      `  ${aliasOf(index)}: repository(owner: $o${index}, name: $n${index}, followRenames: false) { ...Open }`,
  )
  return {
    query: [
      `query OpenPullRequests(${declared.join(', ')}) {`,
      ...aliases,
      '}',
      'fragment Open on Repository { pullRequests(states: OPEN, first: 100) { ...PullRequests } }',
      pullRequestsFragment,
    ].join('\n'),
    variables: namesVariables(repositories),
  }
}

/** The outcome for one repository. `rest`: the REST API must be used. */
export type PullRequestsOutcome = { kind: 'rest' } | { kind: 'read'; read: Read<DatedPullRequest[]> }

/** All open pull requests of each repository, in the same order. */
export async function readPullRequestsByGraphQL(
  endpoint: GraphQLEndpoint,
  size: ChunkSize,
  repositories: readonly RepoName[],
): Promise<PullRequestsOutcome[]> {
  let last: Failure = { kind: 'server-error', message: 'GitHub did not answer' }
  const failed =
    (failure: Failure) =>
    (repo: RepoName): PullRequestsOutcome => ({
      kind: 'read',
      read: { ok: false, failure: { ...failure, repo } },
    })
  const readChunk = async (chunk: readonly RepoName[]): Promise<PullRequestsOutcome[] | 'too-much'> => {
    const subject = { repo: chunk[0] ?? '', need: needs.readPullRequests, thing: 'the repositories of the graph' }
    const result = await endpoint.query({ ...subject, ...openPullRequestsQuery(chunk.map((repo) => ({ repo }))) })
    if (result.kind === 'refused') return chunk.map(() => ({ kind: 'rest' }))
    if (result.kind === 'too-much') {
      last = result.failure
      return 'too-much'
    }
    if (result.kind === 'failed') return chunk.map(failed(result.failure))
    return Promise.all(
      chunk.map(async (repo, index): Promise<PullRequestsOutcome> => {
        const alias = aliasOf(index)
        const isFaulty = result.errors.some(({ path: [first] }) => first === alias || !isAlias(first, chunk.length))
        return isFaulty ? { kind: 'rest' } : toOutcome(endpoint, repo, result.data[alias])
      }),
    )
  }
  return readInChunks(repositories, size, readChunk, (chunk) =>
    chunk.map(isFailureInside(last) ? () => ({ kind: 'rest' }) : failed(last)),
  )
}

function isAlias(word: string | number | undefined, count: number): boolean {
  return Array.from({ length: count }, (_, index) => aliasOf(index)).includes(String(word))
}

async function toOutcome(endpoint: GraphQLEndpoint, repo: RepoName, payload: unknown): Promise<PullRequestsOutcome> {
  const subject = { repo, need: needs.readPullRequests, thing: `the pull requests of ${repo}` }
  try {
    const page = toPage(field(payload, 'pullRequests'))
    const first = page.nodes.map(toPullRequest)
    const more = await readMorePullRequests(endpoint, repo, page.next)
    if (more === 'rest') return { kind: 'rest' }
    return { kind: 'read', read: more.ok ? { ok: true, value: [...first, ...more.value] } : more }
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error
    return { kind: 'read', read: { ok: false, failure: unexpectedAnswer(subject, error.message) } }
  }
}
