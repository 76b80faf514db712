import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { RepositoryFiles } from '../../ports/host/repositories.js'
import type { Subject } from '../api/classify.js'
import { unexpectedAnswer } from '../api/classify.js'
import { explainForbidden } from '../api/explain-forbidden.js'
import { field, flag, list, optional, text, UnexpectedShape } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import type { Requests } from '../api/requests.js'
import { createChunkSize, readInChunks } from '../graphql/chunks.js'
import type { GraphQLEndpoint, QueryResult } from '../graphql/endpoint.js'
import type { PathError } from '../graphql/errors.js'
import { repoPath } from '../http/path.js'
import { fileAlias, filesQuery, foldersQuery, repositoryAlias } from './file-queries.js'
import type { FileAt } from './file-queries.js'

/** The folders of a default branch that are listed. */
interface Folders {
  repo: RepoName
  isArchived: boolean
  defaultBranch: string | null
  /** Of the head of the default branch; empty: there is none. */
  sha: string
  paths: readonly string[]
}

export interface FileSources {
  requests: Requests
  endpoint: GraphQLEndpoint
  /** Why the server or the token has no GraphQL. */
  refusal: () => string
}

type Outcome<T> = Read<T> & { repo: RepoName }

/** Two queries for each 50 repositories or 100 files: one lists the folders, the other reads the selected files at the commit that was listed. */
export async function readRepositoryFiles(
  sources: FileSources,
  repositories: readonly RepoName[],
  isSelected: (path: string) => boolean,
): Promise<{ repo: RepoName; read: Read<RepositoryFiles> }[]> {
  const listed = await listFolders(sources, repositories)
  const wanted = listed.flatMap((outcome): FileAt[] => {
    if (!outcome.ok) return []
    const { sha, paths } = outcome.value
    return paths.filter(isSelected).map((path) => ({ repo: outcome.repo, sha, path }))
  })
  const read = await readTexts(sources, wanted)
  return listed.map(({ repo, ...folders }) => {
    if (!folders.ok) return { repo, read: folders }
    const { repo: name, isArchived, defaultBranch } = folders.value
    const own = read.filter((each) => each.repo === repo)
    const failed = own.find((each) => !each.ok)
    if (failed) return { repo, read: { ok: false, failure: failed.failure } }
    const files = own.flatMap((each) => (each.ok && each.value !== null ? [each.value] : []))
    return { repo, read: { ok: true, value: { repo: name, isArchived, defaultBranch, files } } }
  })
}

function listFolders(sources: FileSources, repositories: readonly RepoName[]): Promise<Outcome<Folders>[]> {
  let last = unanswered
  const giveUp = (chunk: readonly RepoName[]): Outcome<Folders>[] =>
    chunk.map((repo) => ({ repo, ok: false, failure: { ...last, repo } }))
  const readChunk = async (chunk: readonly RepoName[]): Promise<Outcome<Folders>[] | 'too-much'> => {
    const result = await sources.endpoint.query({ ...subjectOf(chunk), ...foldersQuery(chunk) })
    if (result.kind === 'too-much') {
      last = result.failure
      return result.kind
    }
    return Promise.all(
      chunk.map(async (repo, index): Promise<Outcome<Folders>> => {
        const read = await valueOf(sources, result, { repo, alias: repositoryAlias(index) })
        return { repo, ...interpreted(repo, read, toFolders) }
      }),
    )
  }
  return readInChunks(repositories, createChunkSize(50), readChunk, giveUp)
}

/** A file that is no longer there is null. */
type FileText = { path: string; text: string | null } | null

function readTexts(sources: FileSources, files: readonly FileAt[]): Promise<Outcome<FileText>[]> {
  let last = unanswered
  const giveUp = (chunk: readonly FileAt[]): Outcome<FileText>[] =>
    chunk.map(({ repo }) => ({ repo, ok: false, failure: { ...last, repo } }))
  const readChunk = async (chunk: readonly FileAt[]): Promise<Outcome<FileText>[] | 'too-much'> => {
    const { repositories, ...query } = filesQuery(chunk)
    const result = await sources.endpoint.query({ ...subjectOf(repositories), ...query })
    if (result.kind === 'too-much') {
      last = result.failure
      return result.kind
    }
    return Promise.all(
      chunk.map(async ({ repo, path }, index): Promise<Outcome<FileText>> => {
        const alias = repositoryAlias(repositories.indexOf(repo))
        const read = await valueOf(sources, result, { repo, alias })
        return { repo, ...interpreted(repo, read, (payload) => toFileText(path, field(payload, fileAlias(index)))) }
      }),
    )
  }
  return readInChunks(files, createChunkSize(100), readChunk, giveUp)
}

const unanswered: Failure = { kind: 'server-error', message: 'GitHub did not answer' }

function subjectOf([repo = '']: readonly RepoName[]): Subject {
  return { repo, need: needs.readContents, thing: 'the files of the repositories', isPlural: true }
}

/** The part of an answer about one repository. */
async function valueOf(
  sources: FileSources,
  result: Exclude<QueryResult, { kind: 'too-much' }>,
  { repo, alias }: { repo: RepoName; alias: string },
): Promise<Read<unknown>> {
  if (result.kind === 'failed') return { ok: false, failure: result.failure }
  if (result.kind === 'refused') return { ok: false, failure: withoutGraphQL(sources.refusal()) }
  const stray = result.errors.find(({ path: [first] }) => !/^r\d+$/u.test(String(first)))
  const error = stray ?? result.errors.find(({ path: [first] }) => first === alias)
  return error ? explainError(sources.requests, repo, error) : { ok: true, value: result.data[alias] }
}

function withoutGraphQL(reason: string): Failure {
  const message = `the files of the repositories cannot be read: ${reason}`
  return { kind: 'blocked', message, remedy: 'use a token that may use the GraphQL API, or write the file by hand' }
}

/** The REST API reports the reason more precisely: a new name, single sign-on, a missing permission. */
async function explainError(requests: Requests, repo: RepoName, { type, message }: PathError): Promise<Read<never>> {
  const subject: Subject = { repo, need: needs.readContents, thing: `repository ${repo}` }
  const answer = await requests.get({ ...subject, path: repoPath(repo) })
  if (!answer.ok) return { ok: false, failure: answer.failure }
  if (type !== 'FORBIDDEN') return { ok: false, failure: unexpectedAnswer(subject, message) }
  const explained = explainForbidden({ subject, errorMessage: message, acceptedPermissions: '' })
  return { ok: false, failure: { ...explained, repo } }
}

function interpreted<T>(repo: RepoName, read: Read<unknown>, convert: (payload: unknown) => T): Read<T> {
  if (!read.ok) return read
  try {
    return { ok: true, value: convert(read.value) }
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error
    const subject = { repo, need: needs.readContents, thing: `repository ${repo}` }
    return { ok: false, failure: unexpectedAnswer(subject, error.message) }
  }
}

function toFolders(payload: unknown): Folders {
  const branch = field(payload, 'defaultBranchRef')
  const base = { repo: text(payload, 'nameWithOwner'), isArchived: flag(payload, 'isArchived') }
  if (branch === null) return { ...base, defaultBranch: null, sha: '', paths: [] }
  const target = field(branch, 'target')
  const workflows = optional(target, 'workflows') ?? null
  const folder = workflows === null ? null : (optional(workflows, 'object') ?? null)
  const below = folder === null ? [] : filesIn(folder).map((name) => `.github/workflows/${name}`)
  return {
    ...base,
    defaultBranch: text(branch, 'name'),
    sha: text(target, 'oid'),
    paths: [...filesIn(field(target, 'tree')), ...below],
  }
}

/** The names of the files of a Tree; none for what is not a folder. */
function filesIn(tree: unknown): string[] {
  const entries = list(optional(tree, 'entries') ?? [])
  return entries.filter((entry) => text(entry, 'type') === 'blob').map((entry) => text(entry, 'name'))
}

function toFileText(path: string, object: unknown): FileText {
  if (object === null || text(object, '__typename') !== 'Blob') return null
  const content = field(object, 'text')
  const isWhole = optional(object, 'isBinary') === false && !flag(object, 'isTruncated')
  return { path, text: typeof content === 'string' && isWhole ? content : null }
}
