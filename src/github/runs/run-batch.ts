import { assertNever } from '../../lib/assert-never.js'
import type { Failure } from '../../model/failure.js'
import { repoKey, splitRepo, type RepoName } from '../../model/repo-name.js'
import { createChunkSize, readInChunks } from '../graphql/chunks.js'
import type { GraphQLEndpoint } from '../graphql/endpoint.js'
import { UnexpectedShape } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import { mostCommits, mostIds, runsQuery, toBatchedRuns, type BatchedRun } from './run-queries.js'

/** A run that is read together with others. */
export interface WantedRun {
  repo: RepoName
  runId: number
  /** Its GraphQL id; null: not known yet. */
  nodeId: string | null
  /** The commit that it should build; null: not known. */
  headSha: string | null
}

/** The answer to one batch. */
export interface BatchAnswer {
  /** By run id. A missing run has to be read alone: GraphQL not finding it does not prove that it is absent. */
  runs: ReadonlyMap<number, BatchedRun>
  /** By run id: the runs that cannot be read at present. */
  failures: ReadonlyMap<number, Failure>
  /** Whether the token may not read check suites, in which GraphQL keeps the states of runs. */
  isHidden: boolean
}

/** A run by its id, or those of one commit: one field of the query. */
type Question = readonly WantedRun[]

/** Reads runs by GraphQL, up to 100 with known ids and the commits of 25 others in each request. A batch that is too much is halved, this time only. */
export async function readBatch(endpoint: GraphQLEndpoint, wanted: readonly WantedRun[]): Promise<BatchAnswer> {
  const size = createChunkSize(mostIds + mostCommits)
  const read = (part: readonly Question[]): Promise<BatchAnswer[]> =>
    readInChunks(
      part,
      size,
      (chunk) => readPart(endpoint, chunk.flat()),
      () => [nothing],
    )
  return merged((await Promise.all(requestsFor(wanted).map(read))).flat())
}

/** Parts that each fit into one query. A run without id and commit cannot be requested. */
function requestsFor(wanted: readonly WantedRun[]): Question[][] {
  const known = wanted.filter(({ nodeId }) => nodeId !== null).map((run): Question => [run])
  const commits = new Map<string, WantedRun[]>()
  for (const run of wanted) {
    if (run.nodeId !== null || run.headSha === null) continue
    const key = `${repoKey(run.repo)} ${run.headSha}`
    commits.set(key, [...(commits.get(key) ?? []), run])
  }
  const groups = [...commits.values()]
  const count = Math.max(Math.ceil(known.length / mostIds), Math.ceil(groups.length / mostCommits))
  return Array.from({ length: count }, (_, index) => [
    ...known.slice(index * mostIds, (index + 1) * mostIds),
    ...groups.slice(index * mostCommits, (index + 1) * mostCommits),
  ])
}

async function readPart(endpoint: GraphQLEndpoint, part: readonly WantedRun[]): Promise<BatchAnswer[] | 'too-much'> {
  const [first] = part
  if (!first) return [nothing]
  const ask = { repo: first.repo, need: needs.readRuns, thing: `workflow runs of ${first.repo}` }
  const result = await endpoint.query({ ...ask, ...toQuery(part) })
  switch (result.kind) {
    case 'answered': {
      const runs = readable(result.data)
      const isHidden = runs.length === 0 && result.errors.some(({ type }) => type === 'FORBIDDEN')
      return [{ ...nothing, runs: new Map(runs.map((run) => [run.runId, run])), isHidden }]
    }
    case 'refused':
      return [nothing]
    case 'too-much':
      return 'too-much'
    case 'failed':
      return afterFailure(part, result.failure)
    default:
      return assertNever(result)
  }
}

function afterFailure(part: readonly WantedRun[], failure: Failure): BatchAnswer[] | 'too-much' {
  switch (failure.kind) {
    case 'server-error':
      // The batch may have been too much for the server.
      return 'too-much'
    case 'network':
    case 'timeout':
    case 'rate-limited':
    case 'unauthorized':
      return [{ ...nothing, failures: new Map(part.map(({ repo, runId }) => [runId, { ...failure, repo }])) }]
    default:
      return [nothing]
  }
}

function toQuery(part: readonly WantedRun[]): { query: string; variables: Record<string, unknown> } {
  const ids = part.flatMap(({ nodeId }) => nodeId ?? [])
  const commits = new Map<string, WantedRun>()
  for (const run of part) if (run.nodeId === null) commits.set(`${repoKey(run.repo)} ${run.headSha}`, run)
  const variables: Record<string, unknown> = ids.length > 0 ? { ids } : {}
  for (const [index, { repo, headSha }] of [...commits.values()].entries()) {
    const { owner, name } = splitRepo(repo)
    Object.assign(variables, { [`owner${index}`]: owner, [`name${index}`]: name, [`oid${index}`]: headSha })
  }
  return { query: runsQuery({ hasIds: ids.length > 0, commits: commits.size }), variables }
}

/** The runs in the data; none if the data does not have the form of the query. */
function readable(data: Readonly<Record<string, unknown>>): BatchedRun[] {
  try {
    return toBatchedRuns(data)
  } catch (error) {
    if (error instanceof UnexpectedShape) return []
    throw error
  }
}

const nothing: BatchAnswer = { runs: new Map(), failures: new Map(), isHidden: false }

function merged(answers: readonly BatchAnswer[]): BatchAnswer {
  return {
    runs: new Map(answers.flatMap(({ runs }) => [...runs])),
    failures: new Map(answers.flatMap(({ failures }) => [...failures])),
    isHidden: answers.some(({ isHidden }) => isHidden),
  }
}
