import type { SetupPullRequest } from '../../model/setup.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { Setup } from '../../ports/host/setup.js'
import type { Ask } from '../api/ask.js'
import { count, text } from '../api/fields.js'
import { needs, setupNeeds } from '../api/permissions.js'
import { interpret, type PostOptions, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** Nothing is sent twice: what is repeated by hand finds what is there. */
const once: PostOptions = { lane: 'status', repeat: 'limits' }

/** POST /repos/{owner}/{repo}/git/refs */
export async function createBranch(
  requests: Requests,
  repo: RepoName,
  branch: string,
  sha: string,
): Promise<Read<null>> {
  const ask: Ask = {
    ...branchAsk(repo, branch),
    path: repoPath(repo, 'git', 'refs'),
    parameters: { ref: `refs/heads/${branch}`, sha },
  }
  return interpret(ask, await requests.post(ask, once), () => null)
}

/** DELETE /repos/{owner}/{repo}/git/refs/{ref} */
export async function deleteBranch(requests: Requests, repo: RepoName, branch: string): Promise<Read<null>> {
  const ask: Ask = { ...branchAsk(repo, branch), path: repoPath(repo, 'git', 'refs', 'heads', branch) }
  return interpret(ask, await requests.delete(ask, once), () => null)
}

function branchAsk(repo: RepoName, branch: string): Omit<Ask, 'path'> {
  return { repo, need: setupNeeds.writeFiles, thing: `the branch ${branch} of ${repo}` }
}

function fileAsk(repo: RepoName, path: string): Ask {
  const thing = `the file ${path} of ${repo}`
  return { repo, need: setupNeeds.writeFiles, thing, path: repoPath(repo, 'contents', path) }
}

/** PUT /repos/{owner}/{repo}/contents/{path}: without the SHA of a blob, GitHub replaces no file. */
export async function addFile(requests: Requests, file: Parameters<Setup['addFile']>[0]): Promise<Read<null>> {
  const content = Buffer.from(file.text, 'utf8').toString('base64')
  const ask: Ask = {
    ...fileAsk(file.repo, file.path),
    parameters: { message: file.message, content, branch: file.branch },
  }
  return interpret(ask, await requests.put(ask, once), () => null)
}

/** DELETE /repos/{owner}/{repo}/contents/{path} of the blob that GET returns. */
export async function removeFile(requests: Requests, file: Parameters<Setup['removeFile']>[0]): Promise<Read<null>> {
  const { repo, branch, path, message } = file
  const found: Ask = { ...fileAsk(repo, path), need: needs.readContents, parameters: { ref: branch } }
  const sha = interpret(found, await requests.get(found), (body) => text(body, 'sha'))
  if (!sha.ok) return sha
  const ask: Ask = { ...fileAsk(repo, path), parameters: { message, sha: sha.value, branch } }
  return interpret(ask, await requests.delete(ask, once), () => null)
}

/** POST /repos/{owner}/{repo}/pulls */
export async function openPullRequest(
  requests: Requests,
  { repo, branch, base, title, body }: Parameters<Setup['openPullRequest']>[0],
): Promise<Read<SetupPullRequest>> {
  const ask: Ask = {
    repo,
    need: setupNeeds.writePullRequests,
    thing: `the pull requests of ${repo}`,
    isPlural: true,
    path: repoPath(repo, 'pulls'),
    parameters: { head: branch, base, title, body },
  }
  return interpret(ask, await requests.post(ask, once), (payload) => ({
    number: count(payload, 'number'),
    url: text(payload, 'html_url'),
  }))
}

/** PATCH /repos/{owner}/{repo}/pulls/{pull_number} */
export async function closePullRequest(requests: Requests, repo: RepoName, number: number): Promise<Read<null>> {
  const ask: Ask = {
    repo,
    need: setupNeeds.writePullRequests,
    thing: `pull request #${number} of ${repo}`,
    path: repoPath(repo, 'pulls', number),
    parameters: { state: 'closed' },
  }
  return interpret(ask, await requests.patch(ask, once), () => null)
}
