import { field, list, UnexpectedShape } from '../api/fields.js'

/** How many ids a query of `nodes` may name ("ARGUMENT_LIMIT"). */
export const mostIds = 100
/** How many commits one query requests with their check suites: GitHub limits a query to ten seconds. */
export const mostCommits = 25

/** The contents of a query about runs: nodes by their ids, and the check suites of this many commits. */
export interface RunsQuestion {
  hasIds: boolean
  commits: number
}

/**
 * Reads runs by their node ids, and the runs of commits through their check suites. In GraphQL the check suite of a run holds its state;
 * its id is only in `url` (run ids exceed the 32-bit Int of `databaseId`), and its attempt is missing. Names are variables.
 */
export function runsQuery({ hasIds, commits }: RunsQuestion): string {
  const indexes = Array.from({ length: commits }, (_, index) => index)
  const variables = [
    ...(hasIds ? ['$ids: [ID!]!'] : []),
    ...indexes.map((index) => `$owner${index}: String!, $name${index}: String!, $oid${index}: GitObjectID!`),
  ]
  const fields = [
    ...(hasIds ? ['  nodes(ids: $ids) { ...Run }'] : []),
    ...indexes.map(
      (index) =>
        `  r${index}: repository(owner: $owner${index}, name: $name${index}, followRenames: false) { object(oid: $oid${index}) { ...Suites } }`,
    ),
  ]
  return [`query Runs(${variables.join(', ')}) {`, ...fields, '}', runFragment, ...(commits > 0 ? [suites] : [])].join(
    '\n',
  )
}

const runFragment = 'fragment Run on WorkflowRun { id url checkSuite { status conclusion commit { oid } } }'
const suites = 'fragment Suites on Commit { checkSuites(first: 100) { nodes { workflowRun { ...Run } } } }'

/** A run as GraphQL returns it. */
export interface BatchedRun {
  runId: number
  nodeId: string
  /** The web page of the run. */
  url: string
  headSha: string
  /** The state in the spelling of the REST API. */
  status: string
  conclusion: string | null
}

/** All runs in the data of an answer to a query about runs; nodes that GitHub could not read, and nodes that are not runs, are left out. Throws UnexpectedShape. */
export function toBatchedRuns(data: Readonly<Record<string, unknown>>): BatchedRun[] {
  return Object.entries(data).flatMap(([key, value]) => {
    if (key === 'nodes') return list(value).flatMap(toRuns)
    const object = orNull(value) === null ? null : orNull(field(value, 'object'))
    // An object that is not a commit has no check suites.
    const connection = object === null ? null : (object['checkSuites'] ?? null)
    if (connection === null) return []
    return list(field(connection, 'nodes')).flatMap((suite) => toRuns(orNull(suite)?.['workflowRun']))
  })
}

/** One run, or none if the value is absent or not a run. */
function toRuns(value: unknown): BatchedRun[] {
  const run = orNull(value)
  if (run === null || run['url'] === undefined) return []
  const url = word(run, 'url')
  const suite = field(run, 'checkSuite')
  const conclusion = field(suite, 'conclusion')
  return [
    {
      runId: runNumber(url),
      nodeId: word(run, 'id'),
      url,
      headSha: word(field(suite, 'commit'), 'oid'),
      status: word(suite, 'status').toLowerCase(),
      conclusion: conclusion === null ? null : word(suite, 'conclusion').toLowerCase(),
    },
  ]
}

function runNumber(url: string): number {
  const digits = /\/actions\/runs\/(\d+)(?:[/?#]|$)/u.exec(url)?.[1]
  const number = Number(digits ?? Number.NaN)
  if (!Number.isSafeInteger(number)) throw new UnexpectedShape('the address of a run contains no run id')
  return number
}

function word(payload: unknown, key: string): string {
  const value = field(payload, key)
  if (typeof value !== 'string') throw new UnexpectedShape(`${key} is not a string`)
  return value
}

function orNull(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
}
