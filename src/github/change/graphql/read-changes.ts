import type { Failure } from '../../../model/failure.js'
import type { ChangeQuery } from '../../../ports/host/changes.js'
import { needs } from '../../api/permissions.js'
import { readInChunks, type ChunkSize } from '../../graphql/chunks.js'
import type { GraphQLEndpoint, QueryResult } from '../../graphql/endpoint.js'
import type { PathError } from '../../graphql/errors.js'
import { aliasOf, namesVariables, pullRequestsFragment, statusFragment, type QueryText } from './change-query.js'
import { giveUpAfter, interpretChunk, type ChangeOutcome, type GraphQLSources } from './read-change.js'

/**
 * Reads several changes of the same repositories and status context, without files and optional parts: one list of outcomes for each query,
 * in the same order. The open pull requests of a repository are read once for many branches.
 */
export async function readChangesByGraphQL(
  sources: GraphQLSources,
  queries: readonly ChangeQuery[],
): Promise<ChangeOutcome[][]> {
  const repositories = queries[0]?.repositories ?? []
  const shared = { ...sources, endpoint: onceEach(sources.endpoint) }
  const subject = {
    repo: repositories[0]?.repo ?? '',
    need: needs.readRepository,
    thing: 'the repositories of the graph',
  }
  let last: Failure | null = null
  const readChunk = async (chunk: readonly ChangeQuery[]): Promise<ChangeOutcome[][] | 'too-much'> => {
    const result = await sources.endpoint.query({ ...subject, ...changesQuery(chunk) })
    if (result.kind === 'too-much') {
      last = result.failure
      return result.kind
    }
    return Promise.all(
      chunk.map((query, index) => interpretChunk(shared, query, repositories, resultOf(result, index))),
    )
  }
  const count = Math.max(1, repositories.length)
  const { branches } = sources.sizes
  const size: ChunkSize = {
    now: () => Math.max(1, Math.floor(branches.now() / count)),
    halve: (changes) => branches.halve(changes * count),
  }
  return readInChunks(queries, size, readChunk, (chunk) => chunk.map(() => giveUpAfter(repositories, last)))
}

function branchAliasOf(index: number): string {
  return `b${index}`
}

/** Branches and names are variables and never part of the text: only the numbers of aliases vary. */
function changesQuery(queries: readonly ChangeQuery[]): QueryText {
  const repositories = queries[0]?.repositories ?? []
  const declared = [
    '$context: String!',
    ...queries.map((_, index) => `$${branchAliasOf(index)}: String!`),
    ...repositories.map((_, index) => `$o${index}: String!, $n${index}: String!`),
  ]
  return {
    query: [
      `query ReadChanges(${declared.join(', ')}) {`,
      ...repositories.map(
        (_, index) =>
          `  ${aliasOf(index)}: repository(owner: $o${index}, name: $n${index}, followRenames: false) { ...Facts }`,
      ),
      '}',
      'fragment Facts on Repository {',
      '  nameWithOwner isArchived',
      '  defaultBranchRef { name target { __typename oid } }',
      '  pullRequests(states: OPEN, first: 100) { ...PullRequests }',
      ...queries.map(
        (_, index) => `  ${branchAliasOf(index)}: ref(qualifiedName: $${branchAliasOf(index)}) { ...Branch }`,
      ),
      '}',
      'fragment Branch on Ref {',
      '  prefix name target { __typename oid ... on Commit { status { context(name: $context) { ...Status } } } }',
      '}',
      pullRequestsFragment,
      statusFragment,
    ].join('\n'),
    variables: {
      context: queries[0]?.statusContext ?? '',
      ...Object.fromEntries(queries.map(({ branch }, index) => [branchAliasOf(index), `refs/heads/${branch}`])),
      ...namesVariables(repositories),
    },
  }
}

type Result = Exclude<QueryResult, { kind: 'too-much' }>

/** The part of an answer about one change, in the form of an answer about this change alone. */
function resultOf(result: Result, index: number): Result {
  if (result.kind !== 'answered') return result
  const alias = branchAliasOf(index)
  const data = Object.fromEntries(
    Object.entries(result.data).map(([name, repository]) => [name, withRef(repository, alias)]),
  )
  return { ...result, data, errors: result.errors.filter(concerns(alias)) }
}

function withRef(repository: unknown, alias: string): unknown {
  if (typeof repository !== 'object' || repository === null) return repository
  return { ...repository, ref: (repository as Readonly<Record<string, unknown>>)[alias] }
}

/** Whether an error is about this branch, or about no single branch. */
function concerns(alias: string): (error: PathError) => boolean {
  return ({ path: [, name] }) => name === alias || !/^b[0-9]+$/u.test(String(name))
}

/** Sends a query that several changes need, such as the next page of the pull requests of a repository, once. */
function onceEach({ isUsable, query }: GraphQLEndpoint): GraphQLEndpoint {
  const sent = new Map<string, Promise<QueryResult>>()
  return {
    isUsable,
    query: (ask) => {
      const key = JSON.stringify([ask.query, ask.variables])
      const result = sent.get(key) ?? query(ask)
      sent.set(key, result)
      return result
    },
  }
}
