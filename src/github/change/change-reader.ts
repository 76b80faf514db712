import type { CommitStatus, EarlierStatus, PullRequest, RepositoryReading } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { ChangeQuery, PullRequestWithStatus } from '../../ports/host/changes.js'
import type { Clock } from '../../ports/clock.js'
import type { Host } from '../../ports/host/host.js'
import type { Read } from '../../ports/host/read.js'
import { onceEach, type DatedPullRequest } from './dated-pull-request.js'
import { earlierHeads, readPushedHeads } from './earlier-heads.js'
import type { ChunkSize } from '../graphql/chunks.js'
import { readHeadStatusesByGraphQL, type AskedHead } from './graphql/head-statuses.js'
import { readPullRequestsByGraphQL } from './graphql/open-pull-requests.js'
import { readChangeByGraphQL, type ChangeOutcome, type GraphQLSources } from './graphql/read-change.js'
import { readChangesByGraphQL } from './graphql/read-changes.js'
import { completeReading } from './mergeability.js'
import { readDatedPullRequests } from './pull-requests.js'
import { readRepository, type DatedReading } from './read-change.js'
import type { ReplicaLag } from './replica-lag.js'
import { createSharedReadings, fewRepositories, type ReadShared } from './shared-readings.js'
import { readNewestStatus } from './statuses.js'

export interface ChangeSources extends GraphQLSources {
  seen: ReplicaLag
  sizes: GraphQLSources['sizes'] & {
    /** Commits per query. */
    heads: ChunkSize
  }
}

/** Reads many repositories at once: by GraphQL if it is available, else by the REST API, with the same results. */
export type ChangeReader = Pick<Host, 'readChange' | 'readPullRequests' | 'readEarlierStatuses'>

/** Conditional requests begin with this reading: the first conditional one costs several requests for each repository. */
const oftenRepeated = 2

export function createChangeReader(sources: ChangeSources, clock: Clock): ChangeReader {
  const readShared = createSharedReadings({
    clock,
    isUsable: sources.endpoint.isUsable,
    readTogether: (queries) => readChangesByGraphQL(sources, queries),
  })
  return {
    readChange: (query) => readChange(sources, readShared, query),
    readPullRequests: ({ repositories, ...query }) => readMatching(sources, repositories, query),
    readEarlierStatuses: (query) => readEarlier(sources, query),
  }
}

async function readChange(
  sources: ChangeSources,
  readShared: ReadShared,
  query: ChangeQuery,
): Promise<RepositoryReading[]> {
  const { requests, seen } = sources
  const { repositories, statusContext } = query
  const outcomes = await (readShared(query) ?? readOutcomes(sources, query))
  return Promise.all(
    repositories.map(async (each, index) => {
      const outcome = outcomes[index] ?? { kind: 'rest' }
      const read: DatedReading =
        outcome.kind === 'rest'
          ? await readRepository(requests, query, each)
          : { reading: outcome.reading, pulls: outcome.kind === 'reading' ? outcome.pulls : [] }
      if (read.reading.kind === 'unreadable') return read.reading
      const completed = await completeReading(requests, query, read.reading)
      if (!completed.ok) return { kind: 'unreadable', repo: each.repo, failure: completed.failure }
      return seen.settle(completed.value, statusContext, read.pulls)
    }),
  )
}

/** The outcomes by GraphQL; empty: the REST API is used. */
async function readOutcomes(sources: ChangeSources, query: ChangeQuery): Promise<ChangeOutcome[]> {
  // GraphQL answers the mergeability with the rest, the REST API with one request for each pull request.
  const isCheap = query.mergeability !== true
  const isConditional =
    isCheap && query.repositories.length <= fewRepositories && (query.repeated ?? 0) >= oftenRepeated
  return isConditional || !sources.endpoint.isUsable() ? [] : readChangeByGraphQL(sources, query)
}

/** Open pull requests of each repository, each once. */
async function readOpen(
  { requests, endpoint, sizes }: ChangeSources,
  repositories: readonly RepoName[],
): Promise<Read<PullRequest[]>[]> {
  const outcomes = endpoint.isUsable() ? await readPullRequestsByGraphQL(endpoint, sizes.plain, repositories) : []
  return Promise.all(
    repositories.map(async (repo, index) => {
      const outcome = outcomes[index] ?? { kind: 'rest' }
      const read: Read<DatedPullRequest[]> =
        outcome.kind === 'read' ? outcome.read : await readDatedPullRequests(requests, repo)
      if (!read.ok) return read
      return { ok: true, value: onceEach(read.value).map(({ pullRequest }) => pullRequest) }
    }),
  )
}

/** The newest status of the context on each commit. */
async function readStatuses(
  { requests, endpoint, sizes }: ChangeSources,
  context: string,
  heads: readonly AskedHead[],
): Promise<Read<CommitStatus | null>[]> {
  const outcomes = endpoint.isUsable() ? await readHeadStatusesByGraphQL(endpoint, sizes.heads, context, heads) : []
  return Promise.all(
    heads.map(async ({ repo, headSha }, index) => {
      const outcome = outcomes[index] ?? { kind: 'rest' }
      return outcome.kind === 'read' ? outcome.read : readNewestStatus(requests, repo, headSha, context)
    }),
  )
}

async function readMatching(
  sources: ChangeSources,
  repositories: readonly RepoName[],
  { statusContext, matches }: { statusContext: string; matches: (headRef: string) => boolean },
): Promise<{ repo: RepoName; read: Read<PullRequestWithStatus[]> }[]> {
  const open = await readOpen(sources, repositories)
  const matching = open.map((read) =>
    read.ok ? read.value.filter((each) => !each.isFork && matches(each.headRef)) : [],
  )
  const heads = repositories.map((repo, index) => ({
    repo,
    heads: [...new Set((matching[index] ?? []).map(({ headSha }) => headSha))],
  }))
  const statuses = await readAllStatuses(sources, statusContext, heads)
  return repositories.map((repo, index) => {
    const [read, found] = [open[index], statuses[index]]
    if (!read || !found) throw new Error(`${repo} was left out`)
    if (!read.ok) return { repo, read }
    if (!found.ok) return { repo, read: found }
    const value = (matching[index] ?? []).map((pullRequest) => ({
      pullRequest,
      status: found.value.get(pullRequest.headSha) ?? null,
    }))
    return { repo, read: { ok: true, value } }
  })
}

/** The statuses by commit, for each repository. The first failure of a repository is its result. */
async function readAllStatuses(
  sources: ChangeSources,
  context: string,
  repositories: readonly { repo: RepoName; heads: readonly string[] }[],
): Promise<Read<Map<string, CommitStatus | null>>[]> {
  const asked = repositories.flatMap(({ repo, heads }) => heads.map((headSha) => ({ repo, headSha })))
  const reads = await readStatuses(sources, context, asked)
  let next = 0
  return repositories.map(({ heads }) => {
    const value = new Map<string, CommitStatus | null>()
    const own = reads.slice(next, (next += heads.length))
    for (const [index, read] of own.entries()) {
      if (!read.ok) return read
      value.set(heads[index] ?? '', read.value)
    }
    return { ok: true, value }
  })
}

async function readEarlier(
  sources: ChangeSources,
  query: Parameters<Host['readEarlierStatuses']>[0],
): Promise<{ repo: RepoName; read: Read<EarlierStatus[]> }[]> {
  const { repositories, statusContext } = query
  const histories = await readHistory(sources, query)
  const withoutHistory = repositories.filter((_, index) => histories[index] === undefined)
  const [pushed, known] = await Promise.all([
    readPushed(sources, { ...query, repositories: withoutHistory }),
    readKnown(sources, statusContext, repositories, histories),
  ])
  let next = 0
  return repositories.map(({ repo }, index) => {
    const read = histories[index] ? known[index] : pushed[next++]
    if (!read) throw new Error(`${repo} was left out`)
    return { repo, read }
  })
}

/** The earlier statuses of each repository from the history of the branch's pull requests, with the current heads; undefined: the history is incomplete or absent. */
async function readHistory(
  sources: ChangeSources,
  { branch, statusContext, repositories }: Parameters<Host['readEarlierStatuses']>[0],
): Promise<({ earlier: readonly EarlierStatus[]; current: ReadonlySet<string> } | undefined)[]> {
  if (!sources.endpoint.isUsable()) return []
  const asked = { ...sources, sees: { runs: false, viewer: false } }
  const named = repositories.map(({ repo }) => ({ repo, workflows: [] }))
  const query = { branch, statusContext, repositories: named, jobStatuses: true }
  const outcomes = await readChangeByGraphQL(asked, query)
  return outcomes.map((outcome) => {
    const earlier = outcome.kind === 'reading' ? outcome.reading.earlierStatuses : undefined
    if (outcome.kind !== 'reading' || !earlier) return undefined
    return { earlier, current: new Set(outcome.pulls.map(({ pullRequest }) => pullRequest.headSha)) }
  })
}

/** The statuses from that history, and those of the other known heads. */
async function readKnown(
  sources: ChangeSources,
  statusContext: string,
  repositories: Parameters<Host['readEarlierStatuses']>[0]['repositories'],
  histories: Awaited<ReturnType<typeof readHistory>>,
): Promise<Read<EarlierStatus[]>[]> {
  const asked = repositories.map(({ repo, known }, index) => {
    const { earlier = [], current = new Set() } = histories[index] ?? {}
    const isRead = new Set(earlier.map(({ headSha }) => headSha))
    return { repo, heads: histories[index] ? known.filter((sha) => !current.has(sha) && !isRead.has(sha)) : [] }
  })
  const statuses = await readAllStatuses(sources, statusContext, asked)
  return statuses.map((found, index) =>
    found.ok ? { ok: true, value: [...(histories[index]?.earlier ?? []), ...withStatus(found.value)] } : found,
  )
}

function withStatus(statuses: ReadonlyMap<string, CommitStatus | null>): EarlierStatus[] {
  return [...statuses].flatMap(([headSha, status]) => (status ? [{ headSha, status }] : []))
}

/** Reads the earlier statuses from the latest pushes, with one request for each repository. */
async function readPushed(
  sources: ChangeSources,
  { branch, statusContext, repositories }: Parameters<Host['readEarlierStatuses']>[0],
): Promise<Read<EarlierStatus[]>[]> {
  const names = repositories.map(({ repo }) => repo)
  if (names.length === 0) return []
  const [pushed, open] = await Promise.all([
    Promise.all(names.map((repo) => readPushedHeads(sources.requests, repo, branch))),
    readOpen(sources, names),
  ])
  const asked = repositories.map(({ repo, known }, index) => {
    const [pushes, pulls] = [pushed[index], open[index]]
    if (!pushes?.ok || !pulls?.ok) return { repo, heads: [] }
    const current = new Set(pulls.value.map(({ headSha }) => headSha))
    return { repo, heads: earlierHeads(known, pushes.value, current) }
  })
  const statuses = await readAllStatuses(sources, statusContext, asked)
  return names.map((repo, index) => {
    const [pushes, pulls, found] = [pushed[index], open[index], statuses[index]]
    if (!pushes || !pulls || !found) throw new Error(`${repo} was left out`)
    if (!pushes.ok) return pushes
    if (!pulls.ok) return pulls
    return found.ok ? { ok: true, value: withStatus(found.value) } : found
  })
}
