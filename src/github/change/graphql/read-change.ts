import type { EndedPullRequest, RepositoryRead, RepositoryReading, WorkflowFile } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import type { RepoName } from '../../../model/repo-name.js'
import type { ChangeQuery } from '../../../ports/host/changes.js'
import type { Read } from '../../../ports/host/read.js'
import { unexpectedAnswer } from '../../api/classify.js'
import { onceEach, sortOut, type DatedPullRequest } from '../dated-pull-request.js'
import { optional, UnexpectedShape } from '../../api/fields.js'
import { needs } from '../../api/permissions.js'
import { readCaseVariants } from '../case-variants.js'
import { readEndedPullRequests } from '../pull-requests.js'
import { readWorkflows } from '../workflow-files.js'
import type { Requests } from '../../api/requests.js'
import { toChangeAnswer, type ChangeAnswer, type Lacks } from './change-answer.js'
import { aliasOf, changeQuery, type ChangeExtras } from './change-query.js'
import { readInChunks, type ChunkSize } from '../../graphql/chunks.js'
import { isFailureInside, type GraphQLEndpoint, type QueryAsk, type QueryResult } from '../../graphql/endpoint.js'
import type { PathError } from '../../graphql/errors.js'
import { readMorePullRequests } from './open-pull-requests.js'

type Asked = ChangeQuery['repositories'][number]

/** The outcome for one repository of the change. `rest`: GraphQL gives no precise answer, so the REST API must be used. */
export type ChangeOutcome =
  | { kind: 'reading'; reading: RepositoryRead; pulls: readonly DatedPullRequest[] }
  | { kind: 'unreadable'; reading: RepositoryReading }
  | { kind: 'rest' }

export interface GraphQLSources {
  requests: Requests
  endpoint: GraphQLEndpoint
  /** Repositories per query, with and without the files of their workflows, and branches of all repositories per query for several changes. */
  sizes: { files: ChunkSize; plain: ChunkSize; branches: ChunkSize }
  /** Whether the token may see checks and its own user, as far as that is known. */
  sees: { runs: boolean; viewer: boolean }
  /** Called if an answer names the user of the token that was sent. */
  noteLogin: (login: string, identity: string | null) => void
}

/** A query for this many or more repositories is not repeated after a transient failure, but split into smaller parts. */
const manyAtOnce = 10

/** One outcome for each requested repository, in the same order. */
export async function readChangeByGraphQL(sources: GraphQLSources, query: ChangeQuery): Promise<ChangeOutcome[]> {
  const { repositories } = query
  const hasFiles = repositories.some(({ workflows }) => workflows.length > 0)
  const size = hasFiles ? sources.sizes.files : sources.sizes.plain
  let last: Failure | null = null
  const readChunk = async (chunk: readonly Asked[]): Promise<ChangeOutcome[] | 'too-much'> => {
    const result = await ask(sources, query, chunk)
    if (result.kind !== 'too-much') return interpretChunk(sources, query, chunk, result)
    last = result.failure
    return 'too-much'
  }
  return readInChunks(repositories, size, readChunk, (chunk) => giveUpAfter(chunk, last))
}

/** The outcomes of repositories that are too much for a query even alone. */
export function giveUpAfter(repositories: readonly Asked[], last: Failure | null): ChangeOutcome[] {
  return repositories.map((each) =>
    isFailureInside(last) ? { kind: 'rest' } : unreadable(each, last ?? neverAnswered),
  )
}

const neverAnswered: Failure = { kind: 'server-error', message: 'GitHub did not answer' }

async function ask(sources: GraphQLSources, query: ChangeQuery, chunk: readonly Asked[]): Promise<QueryResult> {
  const isPlanning = query.jobStatuses === true
  const extras: ChangeExtras = {
    isPlanning,
    mergeability: query.mergeability === true,
    membership: query.membership === true,
    runs: isPlanning && sources.sees.runs,
    viewer: isPlanning && sources.sees.viewer,
  }
  const subject = { repo: chunk[0]?.repo ?? '', need: needs.readRepository, thing: 'the repositories of the graph' }
  const request = { ...subject, ...changeQuery(query, chunk, extras) }
  const result = await queryWithRetry(sources.endpoint, request, chunk.length)
  const isHidden = result.kind === 'answered' && result.errors.some(({ path: [first] }) => first === 'viewer')
  if (!extras.viewer || !isHidden) return result
  // The field of the user is not nullable, so the answer holds no other data either.
  sources.sees.viewer = false
  return ask(sources, query, chunk)
}

async function queryWithRetry(endpoint: GraphQLEndpoint, request: QueryAsk, count: number): Promise<QueryResult> {
  if (count <= manyAtOnce) return endpoint.query(request)
  const result = await endpoint.query({ ...request, repeat: 'limits' })
  const isPassing = result.kind === 'failed' && ['server-error', 'network', 'timeout'].includes(result.failure.kind)
  return isPassing ? endpoint.query(request) : result
}

/** One outcome for each repository of a query. */
export async function interpretChunk(
  sources: GraphQLSources,
  query: ChangeQuery,
  chunk: readonly Asked[],
  result: Exclude<QueryResult, { kind: 'too-much' }>,
): Promise<ChangeOutcome[]> {
  if (result.kind === 'refused') return chunk.map(() => ({ kind: 'rest' }))
  if (result.kind === 'failed') return chunk.map((each) => unreadable(each, result.failure))
  const aliases = new Set(chunk.map((_, index) => aliasOf(index)))
  const stray = result.errors.some(({ path: [first] }) => !aliases.has(String(first)))
  // The error names no repository: it may be about any of them, and the REST API reports it for each.
  if (stray) return chunk.map(() => ({ kind: 'rest' }))
  noteViewer(sources, result.data['viewer'], result.identity)
  return Promise.all(
    chunk.map((each, index) => {
      const errors = result.errors.filter(({ path: [first] }) => first === aliasOf(index))
      return toOutcome(sources, query, each, { payload: result.data[aliasOf(index)], errors })
    }),
  )
}

function noteViewer(sources: GraphQLSources, viewer: unknown, identity: string | null): void {
  if (typeof viewer !== 'object' || viewer === null) return
  const login = optional(viewer, 'login')
  if (typeof login === 'string') sources.noteLogin(login, identity)
}

async function toOutcome(
  sources: GraphQLSources,
  query: ChangeQuery,
  asked: Asked,
  { payload, errors }: { payload: unknown; errors: readonly PathError[] },
): Promise<ChangeOutcome> {
  const lacks: Lacks = {
    runs: errors.some(isIn('suites')),
    earlier: errors.some(isIn('earlier')),
    mergeability: errors.some(isIn('own')),
  }
  if (errors.some((error) => isIn('suites')(error) && error.type === 'FORBIDDEN')) sources.sees.runs = false
  // The REST API reports the reason more precisely: a new name, single sign-on, a missing permission.
  if (errors.some((error) => !['suites', 'earlier', 'own'].some((part) => isIn(part)(error)))) return { kind: 'rest' }
  // An error in a non-null field nulls the whole repository.
  if (payload === null && errors.length > 0) return { kind: 'rest' }
  if (payload === undefined || payload === null) return unexpected(asked, 'the answer does not mention it')
  try {
    const answer = toChangeAnswer(payload, query, asked, lacks)
    return answer === null ? { kind: 'rest' } : await complete(sources, query, asked, answer)
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error
    return unexpected(asked, error.message)
  }
}

function isIn(field: string): (error: PathError) => boolean {
  return ({ path }) => path.includes(field)
}

/** Reads the rest that did not fit into the answer. */
async function complete(
  sources: GraphQLSources,
  query: ChangeQuery,
  asked: Asked,
  answer: ChangeAnswer,
): Promise<ChangeOutcome> {
  const { repo } = asked
  const { headSha, isArchived, defaultBranch, defaultBranchSha, status } = answer
  const base = { kind: 'read' as const, repo, isArchived, defaultBranch, defaultBranchSha }
  const { membership } = answer
  if (headSha === null) {
    const [variants, files] = await Promise.all([
      membership && completeVariants(sources, query.branch, repo, membership.caseVariants),
      completeFiles(sources, asked, answer),
    ])
    if (variants && !variants.ok) return unreadable(asked, variants.failure)
    if (!files.ok) return unreadable(asked, files.failure)
    const none = { headSha, pullRequests: [], sameHead: [], status: null, workflows: files.value }
    const more = variants ? { caseVariants: variants.value } : {}
    return { kind: 'reading', reading: { ...base, ...none, ...answer.extras, ...more }, pulls: [] }
  }
  const [more, workflows] = await Promise.all([
    readMorePullRequests(sources.endpoint, repo, answer.nextPulls),
    completeFiles(sources, asked, answer),
  ])
  if (more === 'rest') return { kind: 'rest' }
  if (!more.ok) return unreadable(asked, more.failure)
  if (!workflows.ok) return unreadable(asked, workflows.failure)
  const pulls = onceEach([...answer.pulls, ...more.value])
  const open = pulls.map(({ pullRequest }) => {
    const mergeability = answer.mergeabilities.get(pullRequest.number)
    return mergeability === undefined ? pullRequest : { ...pullRequest, mergeability }
  })
  const sorted = sortOut(open, query.branch, headSha)
  const ended = membership && (await completeEnded(sources, query.branch, repo, membership.ended))
  if (ended && !ended.ok) return unreadable(asked, ended.failure)
  const reading: RepositoryRead = {
    ...base,
    headSha,
    ...sorted,
    ...(ended ? { endedPullRequests: ended.value } : {}),
    status,
    workflows: workflows.value,
    ...answer.extras,
    ...withoutCurrent(answer.extras.earlierStatuses, new Set(open.map((each) => each.headSha))),
  }
  return { kind: 'reading', reading, pulls }
}

async function completeVariants(
  { requests }: GraphQLSources,
  branch: string,
  repo: RepoName,
  known: readonly string[] | null,
): Promise<Read<readonly string[]>> {
  return known === null ? readCaseVariants(requests, repo, branch) : { ok: true, value: known }
}

async function completeEnded(
  { requests }: GraphQLSources,
  branch: string,
  repo: RepoName,
  known: readonly EndedPullRequest[] | null,
): Promise<Read<readonly EndedPullRequest[]>> {
  return known === null ? readEndedPullRequests(requests, repo, branch) : { ok: true, value: known }
}

/** A head of an open pull request is never an earlier head. */
function withoutCurrent(
  earlier: RepositoryRead['earlierStatuses'],
  current: ReadonlySet<string>,
): Pick<RepositoryRead, 'earlierStatuses'> {
  return earlier ? { earlierStatuses: earlier.filter(({ headSha }) => !current.has(headSha)) } : {}
}

/** The workflow files; those that the answer does not contain are read by the REST API. */
async function completeFiles(
  { requests }: GraphQLSources,
  { repo, workflows }: Asked,
  { workflows: known, headSha }: ChangeAnswer,
): Promise<Read<WorkflowFile[]>> {
  const missing = workflows.filter((_, index) => known[index] === null)
  const read = await readWorkflows(requests, repo, missing, headSha)
  if (!read.ok) return read
  const files = new Map([...known, ...read.value].flatMap((file) => (file ? [[file.workflow, file] as const] : [])))
  return { ok: true, value: workflows.flatMap((workflow) => files.get(workflow) ?? []) }
}

function unreadable({ repo }: Asked, failure: Failure): ChangeOutcome {
  return { kind: 'unreadable', reading: { kind: 'unreadable', repo, failure: { ...failure, repo } } }
}

function unexpected(asked: Asked, problem: string): ChangeOutcome {
  const { repo } = asked
  return unreadable(asked, unexpectedAnswer({ repo, need: needs.readRepository, thing: `repository ${repo}` }, problem))
}
