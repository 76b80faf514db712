import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import { toRef } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import { interpret, isNotFound, listOf, type Requests } from '../api/requests.js'

/** The answer of a repository about one branch. */
export type BranchReading = { kind: 'commit'; sha: string } | { kind: 'absent' } | { kind: 'empty-repository' }

/**
 * Head of a branch (GET /repos/{owner}/{repo}/git/ref/heads/{branch}, which matches whole names only).
 * A 404 counts as absent: only a reading of the default branch proves that the token may read branches.
 */
export async function readBranch(requests: Requests, repo: RepoName, branch: string): Promise<Read<BranchReading>> {
  const path = repoPath(repo, 'git', 'ref', 'heads', branch)
  const ask: Ask = { repo, need: needs.readContents, thing: `branch ${branch} of ${repo}`, path }
  const answer = await requests.get(ask)
  if (isNotFound(answer)) return { ok: true, value: { kind: 'absent' } }
  if (!answer.ok && isEmptyRepository(answer.failure)) return { ok: true, value: { kind: 'empty-repository' } }
  const found = interpret(ask, answer, toRef)
  if (!found.ok) return found
  const { ref, sha } = found.value
  return { ok: true, value: ref === `refs/heads/${branch}` ? { kind: 'commit', sha } : { kind: 'absent' } }
}

/**
 * The same by GET /repos/{owner}/{repo}/git/matching-refs/heads/{branch}, for repeated readings: an absent branch is an empty
 * list with an ETag there, while a 404 always counts. In alphabetical order the branch itself comes first.
 */
export async function readBranchAgain(
  requests: Requests,
  repo: RepoName,
  branch: string,
): Promise<Read<BranchReading>> {
  const path = repoPath(repo, 'git', 'matching-refs', 'heads', branch)
  const ask: Ask = { repo, need: needs.readContents, thing: `branch ${branch} of ${repo}`, path }
  const refs = await requests.getPages(ask, listOf(toRef), () => true)
  if (!refs.ok) return isEmptyRepository(refs.failure) ? { ok: true, value: { kind: 'empty-repository' } } : refs
  const found = refs.value.find(({ ref }) => ref === `refs/heads/${branch}`)
  return { ok: true, value: found ? { kind: 'commit', sha: found.sha } : { kind: 'absent' } }
}

/** Names of the branches that start with `prefix`, at most a few hundred. */
export async function listBranches(requests: Requests, repo: RepoName, prefix: string): Promise<Read<string[]>> {
  const most = 500
  const names = await readMatchingBranches(requests, repo, prefix, most)
  return names.ok ? { ok: true, value: names.value.slice(0, most) } : names
}

/**
 * Names of the branches that start with `prefix` (GET /repos/{owner}/{repo}/git/matching-refs/heads/{prefix}).
 * @param enough no further page is read after this many
 */
export async function readMatchingBranches(
  requests: Requests,
  repo: RepoName,
  prefix: string,
  enough = Infinity,
): Promise<Read<string[]>> {
  const path = repoPath(repo, 'git', 'matching-refs', 'heads', prefix)
  const ask: Ask = { repo, need: needs.readContents, thing: `the branches of ${repo}`, isPlural: true, path }
  let seen = 0
  const refs = await requests.getPages(ask, listOf(toRef), (page) => (seen += page.length) >= enough)
  if (!refs.ok) return isEmptyRepository(refs.failure) ? { ok: true, value: [] } : refs
  const names = refs.value.map(({ ref }) => ref.slice('refs/heads/'.length)).filter((name) => name.startsWith(prefix))
  return { ok: true, value: [...new Set(names)] }
}

/** 409 says "Git Repository is empty.", but also that a repository is not available yet: only the message distinguishes them. */
function isEmptyRepository(failure: Failure): boolean {
  return failure.httpStatus === 409 && /repository is empty/iu.test(failure.message)
}
