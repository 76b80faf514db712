import { resolveCommit } from '../core/revisions.js'
import { isTreePath } from '../git/git-store.js'
import type { Answer } from '../http/answer.js'
import { failure, json, notFound } from '../http/answer.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission } from '../http/call.js'
import { pagedList, readPage } from '../http/pagination.js'
import { presentCommit } from '../present/git.js'
import { presentPull } from '../present/pull.js'

const contents = permission('contents', 'read')
const pulls = permission('pull_requests', 'read')

/** Commits. `GET /commits/{ref}` omits the files that a commit changed. */
export const commitRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/commits', permissions: [contents], handle: listCommits },
  { method: 'GET', path: '/commits/{commit_sha}/pulls', permissions: [pulls], handle: listPulls },
  { method: 'GET', path: '/commits/{ref}', permissions: [contents], handle: getCommit },
]

async function listCommits(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query } = call
  const start = await resolveCommit(world, repository, query.get('sha') ?? 'HEAD')
  if (start === null) {
    const isEmpty = (await world.git.listRefs(repository.id, 'refs/heads/')).length === 0
    return isEmpty ? failure(409, 'Git Repository is empty.') : notFound()
  }
  const path = query.get('path')
  if (path !== null && !isTreePath(path)) return json([])
  const { page, perPage } = readPage(query)
  const skip = (page - 1) * perPage
  // One commit more than requested shows whether there is a next page.
  const limit = perPage + 1
  const commits = await world.git.history(repository.id, start.sha, { skip, limit, ...(path !== null && { path }) })
  const shown = commits.slice(0, perPage).map((commit) => presentCommit(world, repository, commit))
  const links: string[] = []
  const link = (number: number, relation: string): void => {
    const url = new URL(call.url)
    url.searchParams.set('page', String(number))
    links.push(`<${url.href}>; rel="${relation}"`)
  }
  if (commits.length > perPage) link(page + 1, 'next')
  if (page > 1) {
    link(page - 1, 'prev')
    link(1, 'first')
  }
  return { status: 200, body: shown, ...(links.length > 0 && { headers: { link: links.join(', ') } }) }
}

async function getCommit(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const commit = await resolveCommit(world, repository, call.params.ref ?? '')
  if (commit === null) return failure(422, `No commit found for SHA: ${call.params.ref ?? ''}`)
  if (call.headers.get('accept')?.includes('application/vnd.github.sha') === true) {
    return { status: 200, text: commit.sha, headers: { 'content-type': 'application/vnd.github.sha; charset=utf-8' } }
  }
  return json(presentCommit(world, repository, commit))
}

/** Lists the open pull requests with this head, or the merged one that added the commit. As on GitHub, heads in forks are not included. */
async function listPulls(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const commit = await world.git.readCommit(repository.id, call.params.commit_sha ?? '')
  if (commit === null) return failure(422, `No commit found for SHA: ${call.params.commit_sha ?? ''}`)
  const found = [...repository.pulls.values()].filter((pull) => {
    if (pull.mergeCommitSha === commit.sha) return true
    return pull.headRepositoryId === repository.id && pull.headSha === commit.sha
  })
  return pagedList(call, found, (pull) => presentPull(world, repository, pull))
}
