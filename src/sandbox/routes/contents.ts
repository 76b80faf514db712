import { moveRef } from '../core/branches.js'
import { personOf } from '../present/account.js'
import { branchSha, resolveCommit } from '../core/revisions.js'
import type { FileChanges, GitFile, TreeEntry } from '../git/git-store.js'
import { isRefName, isTreePath } from '../git/git-store.js'
import type { Answer } from '../http/answer.js'
import { failure, json, notFound } from '../http/answer.js'
import { isObject, readFields } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { presentContent } from '../present/content.js'
import { presentFileCommit } from '../present/git.js'

const write = permission('contents', 'write')

/** Files and folders. */
export const contentRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/contents/{path}', permissions: [permission('contents', 'read')], handle: getContents },
  { method: 'PUT', path: '/contents/{path}', permissions: [write], handle: putContents },
  { method: 'DELETE', path: '/contents/{path}', permissions: [write], handle: deleteContents },
]

async function getContents(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query } = call
  const path = trimmedPath(call)
  const name = query.get('ref') ?? repository.defaultBranch
  const commit = await resolveCommit(world, repository, name)
  if (commit === null) return failure(404, `No commit found for the ref ${name}`)
  if (path !== '' && !isTreePath(path)) return notFound()
  const shown = { ref: query.get('ref') ?? repository.defaultBranch, path }
  const file = path === '' ? null : await world.git.readFile(repository.id, commit.sha, path)
  if (file !== null) return fileAnswer(call, file, shown)
  const entries = await world.git.listTree(repository.id, commit.sha, path)
  if (entries === null) return notFound()
  return json(entries.map((entry) => presentContent(world, repository, { ...shown, entry: inFolder(path, entry) })))
}

function fileAnswer(call: RepositoryCall, file: GitFile, shown: { ref: string; path: string }): Answer {
  const accept = call.headers.get('accept') ?? ''
  if (/application\/vnd\.github\.(?:v3\.)?raw/.test(accept)) {
    return {
      status: 200,
      text: file.content,
      headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' },
    }
  }
  const entry = { path: shown.path, type: 'file' as const, sha: file.sha, size: file.content.byteLength }
  return json(presentContent(call.world, call.repository, { ...shown, entry, content: file.content }))
}

function inFolder(folder: string, entry: TreeEntry): Omit<TreeEntry, 'name'> & { path: string } {
  return { ...entry, path: folder === '' ? entry.name : `${folder}/${entry.name}` }
}

function trimmedPath(call: RepositoryCall): string {
  return (call.params.path ?? '').replace(/^\/+|\/+$/g, '')
}

async function putContents(call: RepositoryCall): Promise<Answer> {
  const read = readFields(call.body, { message: 'string', content: 'string', sha: 'string?', branch: 'string?' })
  if (!read.ok) return read.answer
  const { message, content, sha, branch } = read.value
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) return failure(422, 'content is not valid Base64')
  const bytes = Buffer.from(content, 'base64')
  return changeFile(call, { message, sha, branch, content: bytes })
}

function deleteContents(call: RepositoryCall): Promise<Answer> | Answer {
  const read = readFields(call.body, { message: 'string', sha: 'string', branch: 'string?' })
  return read.ok ? changeFile(call, { ...read.value, content: null }) : read.answer
}

interface FileChange {
  message: string
  content: Uint8Array | null
  sha: string | undefined
  branch: string | undefined
}

async function changeFile(call: RepositoryCall, change: FileChange): Promise<Answer> {
  const { world, repository } = call
  const path = trimmedPath(call)
  if (!isTreePath(path)) return failure(422, 'path contains a malformed path component')
  const branch = change.branch ?? repository.defaultBranch
  const ref = `refs/heads/${branch}`
  const before = await branchSha(world, repository, branch)
  const isFirst = before === null && branch === repository.defaultBranch && isRefName(ref)
  if (before === null && !isFirst) return failure(404, `Branch ${branch} not found`)
  const old = before === null ? null : await world.git.readFile(repository.id, before, path)
  const problem = staleProblem(path, change, old)
  if (problem !== null) return problem

  const changes: FileChanges = { [path]: change.content }
  const parents = before === null ? [] : [before]
  const sha = await world.git.commit(repository.id, parents, changes, { message: change.message, ...authorship(call) })
  const actor = requireActor(call).account
  if (!(await moveRef(world, repository, actor, { ref, sha, expected: before }))) {
    return failure(409, `${path} does not match ${change.sha ?? ''}`)
  }
  return changedAnswer(call, { path, branch, sha, created: old === null })
}

/** Checks the `sha` of a request, which must be the blob of the file that it changes or deletes. */
function staleProblem(path: string, change: FileChange, old: GitFile | null): Answer | null {
  if (old === null) return change.content === null ? notFound() : null
  if (change.sha === undefined) return failure(422, `Invalid request.\n\n"sha" wasn't supplied.`)
  return change.sha === old.sha ? null : failure(409, `${path} does not match ${change.sha}`)
}

function authorship(call: RepositoryCall): { author: { name: string; email: string }; time: number } {
  const own = personOf(requireActor(call).account)
  const given = isObject(call.body.author) ? call.body.author : {}
  const author = typeof given.name === 'string' && typeof given.email === 'string' ? given : own
  return { author: { name: String(author.name), email: String(author.email) }, time: call.world.clock.now() }
}

async function changedAnswer(
  call: RepositoryCall,
  made: { path: string; branch: string; sha: string; created: boolean },
): Promise<Answer> {
  const { world, repository } = call
  const commit = await world.git.readCommit(repository.id, made.sha)
  if (commit === null) throw new Error(`the commit ${made.sha} that was just made is gone`)
  const file = await world.git.readFile(repository.id, made.sha, made.path)
  const entry = file && { path: made.path, type: 'file' as const, sha: file.sha, size: file.content.byteLength }
  const content = entry && presentContent(world, repository, { ref: made.branch, entry })
  const body = { content, commit: presentFileCommit(world, repository, commit) }
  return json(body, made.created ? 201 : 200)
}
