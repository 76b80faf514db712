import * as payload from './payload.js'
import { branch, textOf, workflowName } from './world.js'
import type { Repository, Run, World } from './world.js'

/** A parsed request to the stub. */
export interface Asked {
  method: string
  /** Path below the root of the API, without the query. */
  path: string
  query: URLSearchParams
  headers: Headers
  body: string
}

export interface Answered {
  status: number
  /** A string is sent unchanged, any other value as JSON; null means no body. */
  body: unknown
  headers?: Record<string, string>
}

interface In {
  world: World
  repository: Repository
  asked: Asked
  /** The parts of the path that `*` and `**` of the route matched. */
  parts: string[]
}

interface Route {
  name: string
  pattern: RegExp
  answer: (given: In) => Answered
}

const notFound: Answered = { status: 404, body: { message: 'Not Found' } }

/** Creates a route. In its pattern `*` matches one segment of a path, and `**` the rest of the path. */
function route(name: string, answer: Route['answer']): Route {
  const [method = '', path = ''] = name.split(' ')
  const source = path.replace(/[.]/gu, '\\.').replace(/\*\*|\*/gu, (star) => (star === '**' ? '(.+)' : '([^/]+)'))
  return { name, pattern: new RegExp(`^${method} /repos/([^/]+)/([^/]+)${source}$`, 'u'), answer }
}

const ok = (body: unknown): Answered => ({ status: 200, body })
const found = (body: object | null): Answered => (body === null ? notFound : ok(body))

const routes: readonly Route[] = [
  route('GET ', ({ repository }) => ok(payload.repositoryPayload(repository))),
  route('GET /git/ref/heads/**', ({ world, repository, parts: [ref = ''] }) => {
    const sha = world.headOf(repository, ref)
    return found(sha === null ? null : payload.refPayload(ref, sha))
  }),
  route('GET /git/matching-refs/heads/**', ({ world, repository, parts: [prefix = ''] }) =>
    ok(branchesOf(world, repository, prefix).map(([ref, sha]) => payload.refPayload(ref, sha))),
  ),
  route('GET /branches', ({ world, repository }) =>
    ok(branchesOf(world, repository, '').map(([name, sha]) => payload.branchPayload(name, sha))),
  ),
  route('GET /branches/**', ({ world, repository, parts: [name = ''] }) => {
    const sha = world.headOf(repository, name)
    return found(sha === null ? null : payload.branchPayload(name, sha))
  }),
  route('GET /commits/*', ({ world, repository, parts: [ref = ''] }) => {
    const sha = world.commitOf(repository, ref)
    return found(sha === null ? null : payload.commitPayload(sha))
  }),
  route('GET /commits/*/statuses', ({ world, repository, asked, parts: [ref = ''] }) => {
    const sha = world.commitOf(repository, ref)
    return sha === null ? notFound : page(asked, world.statusesOf(repository, sha).map(payload.statusPayload))
  }),
  route('GET /commits/*/status', ({ world, repository, parts: [ref = ''] }) => {
    const sha = world.commitOf(repository, ref)
    if (sha === null) return notFound
    return ok({ sha, statuses: world.newestStatuses(repository, sha).map(payload.statusPayload) })
  }),
  route('POST /statuses/*', postStatus),
  route('GET /pulls', ({ repository, asked }) =>
    page(asked, repository.headSha === null ? [] : [payload.pullPayload(repository)]),
  ),
  route('GET /pulls/*', ({ repository, parts: [number] }) => {
    const isThere = repository.headSha !== null && Number(number) === repository.pullNumber
    return found(isThere ? payload.pullPayload(repository) : null)
  }),
  route('GET /contents/**', ({ asked, parts: [path = ''] }) => {
    const isRaw = asked.headers.get('accept')?.includes('raw') === true
    return isRaw ? rawFile(path) : found(payload.filePayload(path))
  }),
  route('GET /activity', () => ok([])),
  route('GET /actions/workflows', ({ repository }) =>
    ok({ total_count: 1, workflows: [payload.workflowPayload(repository)] }),
  ),
  route('GET /actions/workflows/*', ({ repository, parts: [workflow = ''] }) =>
    found(isWorkflow(repository, workflow) ? payload.workflowPayload(repository) : null),
  ),
  route('POST /actions/workflows/*/dispatches', dispatch),
  route('GET /actions/workflows/*/runs', listRuns),
  route('GET /actions/runs', listRuns),
  route('GET /actions/runs/*', (given) => withRun(given, (run) => ok(payload.runPayload(given.world, run)))),
  route('GET /actions/runs/*/attempts/1', (given) => withRun(given, (run) => ok(payload.runPayload(given.world, run)))),
  route('GET /actions/runs/*/jobs', listJobs),
  route('GET /actions/runs/*/attempts/1/jobs', listJobs),
  route('POST /actions/runs/*/cancel', cancel),
  route('POST /actions/runs/*/force-cancel', cancel),
]

/** Answers a REST request and returns the matching route; null if there is none, which makes the figure invalid. */
export function answerRest(world: World, asked: Asked): { route: string; answer: Answered } | null {
  const line = `${asked.method} ${asked.path}`
  if (line === 'GET /user') return { route: line, answer: ok(payload.user) }
  for (const { name, pattern, answer } of routes) {
    const [matched, owner = '', repo = '', ...parts] = pattern.exec(line) ?? []
    if (matched === undefined) continue
    const repository = world.repository(decodeURIComponent(owner), decodeURIComponent(repo))
    const given = { world, asked, parts: parts.map((part) => decodeURIComponent(part)) }
    return { route: name.trim(), answer: repository ? answer({ ...given, repository }) : notFound }
  }
  return null
}

function branchesOf(world: World, repository: Repository, prefix: string): [name: string, sha: string][] {
  return ['main', branch].flatMap((name) => {
    const sha = world.headOf(repository, name)
    return sha !== null && name.startsWith(prefix) ? [[name, sha] as [string, string]] : []
  })
}

function rawFile(path: string): Answered {
  const text = textOf(path)
  if (text === null) return notFound
  return { status: 200, body: text, headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' } }
}

function isWorkflow(repository: Repository, workflow: string): boolean {
  return workflow === workflowName || workflow === String(repository.id)
}

function postStatus({ world, repository, asked, parts: [ref = ''] }: In): Answered {
  const sha = world.commitOf(repository, ref)
  if (sha === null) return { status: 422, body: { message: `No commit found for SHA: ${ref}` } }
  const sent = fields(asked.body)
  const status = world.post(repository, {
    sha,
    state: sent['state'] ?? '',
    context: sent['context'] ?? 'default',
    description: sent['description'] ?? null,
    targetUrl: sent['target_url'] ?? null,
  })
  return { status: 201, body: payload.statusPayload(status) }
}

function dispatch({ world, repository, asked, parts: [workflow = ''] }: In): Answered {
  if (!isWorkflow(repository, workflow)) return notFound
  const sent = fields(asked.body)
  const run = world.dispatch(repository, workflowName, sent['ref'] ?? '')
  if (!run) return { status: 422, body: { message: `No ref found for: ${sent['ref'] ?? ''}` } }
  if (sent['return_run_details'] !== 'true') return { status: 204, body: null }
  return ok({ workflow_run_id: run.id, run_url: payload.runApiUrl(run), html_url: payload.runUrl(run) })
}

function listRuns({ world, repository, asked }: In): Answered {
  const { query } = asked
  const is = (key: string, value: string): boolean => (query.get(key) ?? value) === value
  const since = Date.parse(/^>=(.+)$/u.exec(query.get('created') ?? '')?.[1] ?? '')
  const wanted = repository.runs
    .filter((run) => is('branch', run.branch) && is('head_sha', run.headSha) && is('event', 'workflow_dispatch'))
    .filter((run) => Number.isNaN(since) || run.createdAt >= since)
    .filter((run) => {
      const { status, conclusion } = world.stateOf(run)
      return is('status', status) || query.get('status') === conclusion
    })
    .reverse()
  const { body, ...rest } = page(
    asked,
    wanted.map((run) => payload.runPayload(world, run)),
  )
  return { ...rest, body: { total_count: wanted.length, workflow_runs: body } }
}

function listJobs(given: In): Answered {
  return withRun(given, (run) => ok({ total_count: 1, jobs: [payload.workflowJobPayload(given.world, run)] }))
}

function cancel(given: In): Answered {
  return withRun(given, (run) =>
    given.world.cancel(run) ? { status: 202, body: {} } : { status: 409, body: { message: 'Cannot cancel a run' } },
  )
}

function withRun({ world, repository, parts: [id] }: In, answer: (run: Run) => Answered): Answered {
  const run = world.run(Number(id))
  return run?.repository === repository ? answer(run) : notFound
}

function page(asked: Asked, items: readonly object[]): Answered {
  const size = Number(asked.query.get('per_page') ?? 30)
  const number = Number(asked.query.get('page') ?? 1)
  const isLast = number * size >= items.length
  const next = new URLSearchParams([...asked.query, ['page', String(number + 1)]])
  const link = `<https://api.github.com${asked.path}?${next.toString()}>; rel="next"`
  return { ...ok(items.slice((number - 1) * size, number * size)), ...(isLast ? {} : { headers: { link } }) }
}

/** Returns the scalars of a JSON body as text. */
function fields(body: string): Record<string, string | undefined> {
  const parsed: unknown = body === '' ? {} : JSON.parse(body)
  if (typeof parsed !== 'object' || parsed === null) return {}
  return Object.fromEntries(
    Object.entries(parsed)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([key, value]) => [key, String(value)]),
  )
}
