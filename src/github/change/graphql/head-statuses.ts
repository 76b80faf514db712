import type { CommitStatus } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import type { RepoName } from '../../../model/repo-name.js'
import type { Read } from '../../../ports/host/read.js'
import { unexpectedAnswer } from '../../api/classify.js'
import { field, text, UnexpectedShape } from '../../api/fields.js'
import { needs } from '../../api/permissions.js'
import { aliasOf, namesVariables, statusFragment, type QueryText } from './change-query.js'
import { readInChunks, type ChunkSize } from '../../graphql/chunks.js'
import { isFailureInside, type GraphQLEndpoint } from '../../graphql/endpoint.js'
import { toCommitStatus } from './payload.js'

/** A commit whose newest status of the context is requested. */
export interface AskedHead {
  repo: RepoName
  headSha: string
}

/** `rest`: the REST API must be used. */
export type HeadStatusOutcome = { kind: 'rest' } | { kind: 'read'; read: Read<CommitStatus | null> }

export function headStatusesQuery(context: string, heads: readonly AskedHead[]): QueryText {
  const declared = heads.map((_, index) => `$o${index}: String!, $n${index}: String!, $s${index}: GitObjectID!`)
  const aliases = heads.map(
    (_, index) =>
      `  ${aliasOf(index)}: repository(owner: $o${index}, name: $n${index}, followRenames: false) { nameWithOwner object(oid: $s${index}) { ...Head } }`,
  )
  return {
    query: [
      `query HeadStatuses($context: String!, ${declared.join(', ')}) {`,
      ...aliases,
      '}',
      'fragment Head on Commit { status { context(name: $context) { ...Status } } }',
      statusFragment,
    ].join('\n'),
    variables: {
      context,
      ...namesVariables(heads),
      ...Object.fromEntries(heads.map(({ headSha }, index) => [`s${index}`, headSha])),
    },
  }
}

/** The newest status of the context on each commit, in the same order; null: the commit has none or does not exist any more. */
export async function readHeadStatusesByGraphQL(
  endpoint: GraphQLEndpoint,
  size: ChunkSize,
  context: string,
  heads: readonly AskedHead[],
): Promise<HeadStatusOutcome[]> {
  let last: Failure = { kind: 'server-error', message: 'GitHub did not answer' }
  const failed =
    (failure: Failure) =>
    ({ repo }: AskedHead): HeadStatusOutcome => ({
      kind: 'read',
      read: { ok: false, failure: { ...failure, repo } },
    })
  const readChunk = async (chunk: readonly AskedHead[]): Promise<HeadStatusOutcome[] | 'too-much'> => {
    const subject = { repo: chunk[0]?.repo ?? '', need: needs.readStatuses, thing: 'the commits of the change' }
    const result = await endpoint.query({ ...subject, ...headStatusesQuery(context, chunk) })
    if (result.kind === 'refused') return chunk.map(() => ({ kind: 'rest' }))
    if (result.kind === 'too-much') {
      last = result.failure
      return 'too-much'
    }
    if (result.kind === 'failed') return chunk.map(failed(result.failure))
    const faulty = new Set(result.errors.map(({ path: [first] }) => String(first)))
    const isStray = [...faulty].some((alias) => !chunk.some((_, index) => aliasOf(index) === alias))
    return chunk.map((head, index) => {
      const alias = aliasOf(index)
      return isStray || faulty.has(alias) ? { kind: 'rest' } : toOutcome(head, result.data[alias])
    })
  }
  return readInChunks(heads, size, readChunk, (chunk) =>
    chunk.map(isFailureInside(last) ? () => ({ kind: 'rest' }) : failed(last)),
  )
}

function toOutcome({ repo, headSha }: AskedHead, payload: unknown): HeadStatusOutcome {
  try {
    // The repository exists and does not have the commit any more.
    text(payload, 'nameWithOwner')
    const commit = field(payload, 'object')
    const status = commit === null ? null : field(commit, 'status')
    const newest = status === null ? null : field(status, 'context')
    return { kind: 'read', read: { ok: true, value: newest === null ? null : toCommitStatus(newest) } }
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error
    const subject = { repo, need: needs.readStatuses, thing: `commit ${headSha} of ${repo}` }
    return { kind: 'read', read: { ok: false, failure: unexpectedAnswer(subject, error.message) } }
  }
}
