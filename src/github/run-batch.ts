import type { Failure } from '../model/failure.js'
import { repoKey, splitRepo, type RepoName } from '../model/repo-name.js'
import { UnexpectedShape } from './payload.js'
import { needs } from './permissions.js'
import type { Requests } from './requests.js'
import { mostCommits, mostIds, runsQuery, toBatchedRuns, type BatchedRun } from './run-queries.js'

/** A run that is asked for together with others. */
export interface WantedRun {
  repo: RepoName
  runId: number
  /** GraphQL's id of it; null: not known yet. */
  nodeId: string | null
  /** The commit that it should build; null: not known. */
  headSha: string | null
}

/** What one batch told. */
export interface BatchAnswer {
  /** By run id. What is missing has to be asked for alone: that GraphQL does not find a run says nothing about it. */
  runs: ReadonlyMap<number, BatchedRun>
  /** By run id: those of which nothing can be learned at present. */
  failures: ReadonlyMap<number, Failure>
  /** GitHub, or this token, does not take such queries at all. */
  isRefused: boolean
}

/** So few are worth no query that a server fails at. */
const fewest = 10

/** Reads runs by GraphQL, up to 100 known ones and the commits of 25 others in each request. */
export async function readBatch(requests: Requests, wanted: readonly WantedRun[]): Promise<BatchAnswer> {
  const answers = await Promise.all(requestsFor(wanted).map((part) => readPart(requests, part)))
  return merged(answers)
}

/** The parts that fit into one query each. Without id and commit there is nothing to ask for. */
function requestsFor(wanted: readonly WantedRun[]): WantedRun[][] {
  const known = wanted.filter(({ nodeId }) => nodeId !== null)
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
    ...groups.slice(index * mostCommits, (index + 1) * mostCommits).flat(),
  ])
}

async function readPart(requests: Requests, part: readonly WantedRun[]): Promise<BatchAnswer> {
  const [first] = part
  if (!first) return nothing
  const ask = { repo: first.repo, need: needs.readRuns, thing: `workflow runs of ${first.repo}` }
  const answer = await requests.query({ ...ask, ...toQuery(part) })
  if (answer.ok) {
    const runs = readable(answer.body)
    if (runs) {
      const isRefused = runs.length === 0 && isForbidden(answer.body)
      return { ...nothing, runs: new Map(runs.map((run) => [run.runId, run])), isRefused }
    }
    // It may have been too much for it.
    return part.length > fewest ? readHalves(requests, part) : { ...nothing, isRefused: true }
  }
  const { failure } = answer
  switch (failure.kind) {
    case 'server-error':
      return part.length > fewest ? readHalves(requests, part) : nothing
    case 'network':
    case 'timeout':
    case 'rate-limited':
    case 'unauthorized':
      return { ...nothing, failures: new Map(part.map(({ repo, runId }) => [runId, { ...failure, repo }])) }
    default:
      return { ...nothing, isRefused: true }
  }
}

async function readHalves(requests: Requests, part: readonly WantedRun[]): Promise<BatchAnswer> {
  const middle = Math.ceil(part.length / 2)
  const answers = [await readPart(requests, part.slice(0, middle)), await readPart(requests, part.slice(middle))]
  return merged(answers)
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

/** Whether the token may read runs, but not the check suites in which GraphQL keeps their states. */
function isForbidden(body: unknown): boolean {
  const errors: unknown = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : null
  return (
    Array.isArray(errors) &&
    errors.some(
      (error: unknown) => typeof error === 'object' && error !== null && 'type' in error && error.type === 'FORBIDDEN',
    )
  )
}

/** null: it is no answer to the query. */
function readable(body: unknown): BatchedRun[] | null {
  try {
    return toBatchedRuns(body)
  } catch (error) {
    if (error instanceof UnexpectedShape) return null
    throw error
  }
}

const nothing: BatchAnswer = { runs: new Map(), failures: new Map(), isRefused: false }

function merged(answers: readonly BatchAnswer[]): BatchAnswer {
  return {
    runs: new Map(answers.flatMap(({ runs }) => [...runs])),
    failures: new Map(answers.flatMap(({ failures }) => [...failures])),
    isRefused: answers.some(({ isRefused }) => isRefused),
  }
}
