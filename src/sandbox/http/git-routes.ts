import { gunzipSync } from 'node:zlib'

import { refChanged } from '../core/branches.js'
import type { GitHttp, GitRef, GitService } from '../git/git-store.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { authenticate, canSee, isPermitted } from './access.js'
import type { Actor } from './call.js'
import { permission } from './call.js'

const PATH = /^\/([\w.-]+)\/([\w.-]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/

/** Maximum size of the uncompressed body of a git request, in bytes. */
const LARGEST_BODY = 1024 ** 3

interface GitRequest {
  owner: string
  name: string
  endpoint: string
  service: GitService
}

/** Parses a request of git's smart HTTP protocol; null for any other request. */
export function gitRequest(url: URL): GitRequest | null {
  const [, owner, name, endpoint] = PATH.exec(url.pathname) ?? []
  if (owner === undefined || name === undefined || endpoint === undefined) return null
  const service = endpoint === 'info/refs' ? url.searchParams.get('service') : endpoint
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return null
  return { owner, name, endpoint, service }
}

/** Answers `git clone`, `git fetch` and `git push`. */
export async function serveGit(world: World, asked: GitRequest, request: Request): Promise<Response> {
  const auth = authenticate(world, request.headers.get('authorization'))
  const actor = auth.ok ? auth.value : null
  if (!auth.ok) return requireToken('Invalid username or token.')
  const { directory } = world
  const repository =
    directory.repository(asked.owner, asked.name) ?? directory.renamedRepository(asked.owner, asked.name)
  if (repository === undefined || !canSee(world, actor, repository)) {
    return actor === null ? requireToken('Authentication required.') : plain(404, 'Repository not found.')
  }
  const refused = refusal(world, actor, repository, asked.service)
  if (refused !== null) return refused
  if (world.git.http === null) {
    const message = 'This sandbox keeps its repositories in memory. Start it with a state directory to clone and push.'
    return plain(501, message)
  }
  if (asked.endpoint === 'info/refs') return advertise(world.git.http, repository, asked.service, request)
  if (request.method !== 'POST') return plain(405, 'This address takes POST.')
  return serve(world, world.git.http, { repository, actor, service: asked.service }, request)
}

function refusal(world: World, actor: Actor | null, repository: Repository, service: GitService): Response | null {
  const writes = service === 'git-receive-pack'
  if (writes && actor === null) return requireToken('Authentication required.')
  if (writes && repository.archived) return plain(403, 'This repository was archived so it is read-only.')
  const wanted = permission('contents', writes ? 'write' : 'read')
  if (isPermitted(world, actor, repository, [wanted])) return null
  return plain(403, `Write access to repository not granted.`)
}

async function advertise(
  http: GitHttp,
  repository: Repository,
  service: GitService,
  request: Request,
): Promise<Response> {
  const content = await http.advertise(repository.id, service, request.headers.get('git-protocol'))
  return packed(content, `application/x-${service}-advertisement`)
}

async function serve(
  world: World,
  http: GitHttp,
  call: { repository: Repository; actor: Actor | null; service: GitService },
  request: Request,
): Promise<Response> {
  const { repository, actor, service } = call
  const sent = Buffer.from(await request.arrayBuffer())
  const body = request.headers.get('content-encoding') === 'gzip' ? unzipped(sent) : sent
  if (body === null) return plain(400, 'The body is not compressed as its content-encoding says.')
  const protocol = request.headers.get('git-protocol')
  if (actor === null || service === 'git-upload-pack') {
    return packed(await http.serve(repository.id, service, body, protocol), `application/x-${service}-result`)
  }
  const before = await world.git.listRefs(repository.id, 'refs/')
  const content = await http.serve(repository.id, service, body, protocol)
  await updateAfterPush(world, repository, actor, before)
  return packed(content, `application/x-${service}-result`)
}

/** Returns null for a body that is corrupt or exceeds the size limit. */
function unzipped(body: Buffer): Buffer | null {
  try {
    return gunzipSync(body, { maxOutputLength: LARGEST_BODY })
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}

/** Updates the pull requests whose branches a push changed. */
async function updateAfterPush(world: World, repository: Repository, actor: Actor, before: GitRef[]): Promise<void> {
  const old = new Map(before.map(({ name, sha }) => [name, sha]))
  const now = new Map((await world.git.listRefs(repository.id, 'refs/')).map(({ name, sha }) => [name, sha]))
  for (const ref of new Set([...old.keys(), ...now.keys()])) {
    const change = { ref, before: old.get(ref) ?? null, after: now.get(ref) ?? null }
    if (change.before !== change.after) await refChanged(world, repository, actor.account, change)
  }
}

function packed(content: Uint8Array, type: string): Response {
  return new Response(content, { headers: { 'content-type': type, 'cache-control': 'no-cache' } })
}

function requireToken(message: string): Response {
  const headers = { 'www-authenticate': 'Basic realm="GitHub"', 'content-type': 'text/plain; charset=utf-8' }
  return new Response(`${message}\n`, { status: 401, headers })
}

function plain(status: number, message: string): Response {
  return new Response(`${message}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
