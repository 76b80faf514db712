import { schema as published } from '@octokit/graphql-schema'
import { buildSchema, execute, parse, validate, type GraphQLError, type GraphQLSchema } from 'graphql'

/** The answer of a scripted server to a GET; `path` includes the query. */
export type Get = (path: string) => Promise<{ status: number; body: unknown; hasNext: boolean }>

let schema: GraphQLSchema | null = null

/** GitHub's public schema. */
export function publicSchema(): GraphQLSchema {
  schema ??= buildSchema(published.idl, { assumeValid: true })
  return schema
}

/** An error with the `type` that GitHub gives. */
class TypedError extends Error {
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

/** Answers a query on GitHub's public schema from the scripted REST API, so that both APIs show the same state. */
export async function answerFromRest(get: Get, body: unknown): Promise<unknown> {
  const { query, variables } = body as { query: string; variables: Record<string, unknown> }
  const document = parse(query)
  const invalid = validate(publicSchema(), document)
  if (invalid.length > 0) return { errors: invalid.map(({ message, locations }) => ({ message, locations })) }
  const { data, errors = [] } = await execute({
    schema: publicSchema(),
    document,
    rootValue: {
      viewer: { login: 'octocat' },
      repository: (args: { owner: string; name: string }) => repositoryOf(get, `${args.owner}/${args.name}`),
    },
    variableValues: variables,
  })
  return { data: data ?? null, ...(errors.length > 0 ? { errors: errors.map(present) } : {}) }
}

function present({ message, path, originalError }: GraphQLError): unknown {
  return { ...(originalError instanceof TypedError ? { type: originalError.type } : {}), message, path }
}

type Body = Record<string, unknown>

/** The body of a 200; null for a 404. Any other status is an error at its path. */
async function read(get: Get, path: string): Promise<Body | null> {
  const { status, body } = await get(path)
  if (status === 200) return body as Body
  if (status === 404 || (status === 409 && /is empty/u.test(JSON.stringify(body)))) return null
  const words = (body as Body)['message']
  if (status === 403) throw new TypedError('FORBIDDEN', String(words))
  throw new Error(`the sources answered ${status}`)
}

async function repositoryOf(get: Get, repo: string): Promise<Body> {
  const base = `/repos/${repo}`
  const { status, body } = await get(base)
  const repository = body as Body
  if (status !== 200 || String(repository['full_name']).toLowerCase() !== repo.toLowerCase())
    throw new TypedError('NOT_FOUND', `Could not resolve to a Repository with the name '${repo}'.`)
  return {
    nameWithOwner: repository['full_name'],
    isArchived: repository['archived'],
    defaultBranchRef: () => refOf(get, base, `refs/heads/${String(repository['default_branch'])}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) => refOf(get, base, qualifiedName),
    object: ({ oid }: { oid: string }) => commitOf(get, base, oid),
    pullRequests: ({ states, after }: { states?: string[]; after?: string }) =>
      states ? openPulls(get, base, Number(after ?? '1')) : { totalCount: 0, nodes: [] },
  }
}

async function refOf(get: Get, base: string, qualifiedName: string): Promise<Body | null> {
  const ref = await read(get, `${base}/git/${qualifiedName.replace('refs/', 'ref/')}`)
  if (ref === null) return null
  const object = ref['object'] as Body
  return {
    prefix: 'refs/heads/',
    name: String(ref['ref']).replace('refs/heads/', ''),
    target: commitOf(get, base, String(object['sha'])),
  }
}

function commitOf(get: Get, base: string, sha: string): Body {
  return {
    __typename: 'Commit',
    oid: sha,
    checkSuites: { nodes: [] },
    status: () => statusesOf(get, `${base}/commits/${sha}/statuses`),
    file: ({ path }: { path: string }) => fileOf(get, `${base}/contents/${path}?ref=${sha}`),
  }
}

async function statusesOf(get: Get, path: string): Promise<Body | null> {
  const newest = new Map<string, Body>()
  for (let page = 1, hasNext = true; hasNext; page += 1) {
    const answer = await get(`${path}?per_page=100&page=${page}`)
    hasNext = answer.hasNext
    const list = (await read(() => Promise.resolve(answer), path)) as unknown as Body[] | null
    for (const status of list ?? []) {
      const key = String(status['context']).toLowerCase()
      if (!newest.has(key)) newest.set(key, status)
    }
  }
  if (newest.size === 0) return null
  return {
    contexts: [...newest.values()].map(contextOf),
    context: ({ name }: { name: string }) => {
      const found = newest.get(name.toLowerCase())
      return found ? contextOf(found) : null
    },
  }
}

function contextOf(status: Body): Body {
  const creator = status['creator'] as { login: string } | null
  const isBot = creator?.login.endsWith('[bot]') === true
  return {
    state: String(status['state']).toUpperCase(),
    context: status['context'],
    description: status['description'],
    targetUrl: status['target_url'],
    createdAt: status['created_at'],
    creator: creator && { __typename: isBot ? 'Bot' : 'User', login: creator.login.replace('[bot]', '') },
  }
}

async function fileOf(get: Get, path: string): Promise<Body | null> {
  const body: unknown = await read(get, path)
  if (body === null) return null
  if (typeof body !== 'string') return { object: { __typename: 'Tree' } }
  return { object: { __typename: 'Blob', text: body, isBinary: false, isTruncated: false } }
}

async function openPulls(get: Get, base: string, page: number): Promise<Body> {
  const answer = await get(`${base}/pulls?per_page=100&page=${page}`)
  const pulls = (await read(() => Promise.resolve(answer), base)) as unknown as Body[]
  return {
    pageInfo: { hasNextPage: answer.hasNext, endCursor: answer.hasNext ? String(page + 1) : null },
    nodes: pulls.map(pullOf),
  }
}

function pullOf(pull: Body): Body {
  const [head, base] = [pull['head'] as Body, pull['base'] as Body]
  const [from, to] = [head['repo'] as { id: number } | null, base['repo'] as { id: number }]
  return {
    number: pull['number'],
    url: pull['html_url'],
    title: pull['title'],
    headRefName: head['ref'],
    headRefOid: head['sha'],
    baseRefName: base['ref'],
    isDraft: pull['draft'],
    mergeable: pull['mergeable'] === null ? 'UNKNOWN' : pull['mergeable'] === true ? 'MERGEABLE' : 'CONFLICTING',
    isMergeQueueEnabled: false,
    isCrossRepository: from?.id !== to.id,
    updatedAt: pull['updated_at'] ?? '2026-11-21T07:00:00Z',
    headRepository: from && { id: String(from.id) },
  }
}
