import type { Failure } from '../../model/failure.js'
import type { RepositoryRead, RepositoryReading } from '../../model/change.js'
import { repoKey, type RepoName } from '../../model/repo-name.js'
import type { ChangeQuery } from '../../ports/host/changes.js'
import type { Read } from '../../ports/host/read.js'
import { sortOut, type DatedPullRequest } from './dated-pull-request.js'
import { toRepository, type Repository } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { describePermission, needs } from '../api/permissions.js'
import { readCaseVariants } from './case-variants.js'
import { readDatedPullRequests, readEndedPullRequests } from './pull-requests.js'
import { readBranch, readBranchAgain, type BranchReading } from './refs.js'
import type { Ask } from '../api/ask.js'
import { interpret, type Requests } from '../api/requests.js'
import { readHeadStatuses } from './statuses.js'
import { readWorkflows } from './workflow-files.js'

/** A reading with the times of its pull requests. */
export interface DatedReading {
  reading: RepositoryReading
  pulls: readonly DatedPullRequest[]
}

/**
 * One repository of a change over the REST API: three requests if the branch is absent, five and two for each workflow if it
 * exists; for its membership two more if it is absent (and one for each workflow if its default branch is built), and one more if it has no open pull request. A repeated reading costs nothing of the limit while nothing changes.
 */
export async function readRepository(
  requests: Requests,
  query: Omit<ChangeQuery, 'repositories'>,
  asked: ChangeQuery['repositories'][number],
): Promise<DatedReading> {
  const { repo, workflows } = asked
  const readHead = (query.repeated ?? 0) > 0 ? readBranchAgain : readBranch
  const [repository, head] = await Promise.all([
    readRepositoryItself(requests, repo),
    readHead(requests, repo, query.branch),
  ])
  if (!repository.ok) return unreadable(repo, repository.failure)
  if (!head.ok) return unreadable(repo, head.failure)
  const [defaultBranch, member] = await Promise.all([
    readBranch(requests, repo, repository.value.defaultBranch),
    head.value.kind === 'commit'
      ? readMember(requests, query, { repo, workflows, headSha: head.value.sha })
      : readAbsent(requests, query, asked),
  ])
  const proof = proveReadable(repo, repository.value, defaultBranch, head.value)
  if (!proof.ok) return unreadable(repo, proof.failure)
  if (!member.ok) return unreadable(repo, member.failure)
  const { isArchived, defaultBranch: name } = repository.value
  const { pulls, ...read } = member.value
  return {
    reading: { kind: 'read', repo, isArchived, defaultBranch: name, defaultBranchSha: proof.value, ...read },
    pulls,
  }
}

interface Member extends Pick<
  RepositoryRead,
  | 'headSha'
  | 'pullRequests'
  | 'sameHead'
  | 'status'
  | 'workflows'
  | 'jobStatuses'
  | 'endedPullRequests'
  | 'caseVariants'
> {
  pulls: readonly DatedPullRequest[]
}

async function readAbsent(
  requests: Requests,
  { branch, jobStatuses, membership }: Omit<ChangeQuery, 'repositories'>,
  { repo, workflows, buildsDefaultBranch }: ChangeQuery['repositories'][number],
): Promise<Read<Member>> {
  const files = await readWorkflows(requests, repo, buildsDefaultBranch === true ? workflows : [], null)
  if (!files.ok) return files
  const none = { headSha: null, pullRequests: [], sameHead: [], status: null, workflows: files.value, pulls: [] }
  const value = { ...none, ...(jobStatuses ? { jobStatuses: [] } : {}) }
  if (membership !== true) return { ok: true, value }
  const variants = await readCaseVariants(requests, repo, branch)
  return variants.ok ? { ok: true, value: { ...value, caseVariants: variants.value } } : variants
}

function unreadable(repo: RepoName, failure: Failure): DatedReading {
  return { reading: { kind: 'unreadable', repo, failure }, pulls: [] }
}

/** GET /repos/{owner}/{repo}: an answer under another name than the requested one is a failure (law 3). */
async function readRepositoryItself(requests: Requests, repo: RepoName): Promise<Read<Repository>> {
  const ask: Ask = { repo, need: needs.readRepository, thing: `repository ${repo}`, path: repoPath(repo) }
  const read = interpret(ask, await requests.get(ask), toRepository)
  if (!read.ok || repoKey(read.value.fullName) === repoKey(repo)) return read
  const name = read.value.fullName
  const message = `the repository ${repo} is now called ${name}`
  return { ok: false, failure: { kind: 'renamed', message, remedy: `write ${name} in the graph file`, repo } }
}

/**
 * Head of the default branch. If it can be read, a 404 on another branch means absence, not a token
 * without the permission: GitHub answers 404 to both.
 */
function proveReadable(
  repo: RepoName,
  { defaultBranch }: Repository,
  reading: Read<BranchReading>,
  head: BranchReading,
): Read<string | null> {
  if (!reading.ok) return reading
  if (reading.value.kind === 'commit') return { ok: true, value: reading.value.sha }
  if (reading.value.kind === 'empty-repository') return { ok: true, value: null }
  if (head.kind === 'commit') {
    const message = `the default branch ${defaultBranch} of ${repo} does not exist`
    const remedy = 'push it, or choose another default branch in the settings of the repository'
    return { ok: false, failure: { kind: 'not-found', message, remedy, repo } }
  }
  const { permission } = needs.readContents
  return {
    ok: false,
    failure: {
      kind: 'forbidden',
      message: `this token cannot read the branches of ${repo}: not even its default branch ${defaultBranch} is visible`,
      remedy: `give the token ${describePermission(permission)} on ${repo} (a classic token: the scope repo)`,
      repo,
      permission,
    },
  }
}

async function readMember(
  requests: Requests,
  query: Omit<ChangeQuery, 'repositories'>,
  { repo, workflows, headSha }: ChangeQuery['repositories'][number] & { headSha: string },
): Promise<Read<Member>> {
  const [open, statuses, files] = await Promise.all([
    readDatedPullRequests(requests, repo),
    readHeadStatuses(requests, repo, headSha, query),
    readWorkflows(requests, repo, workflows, headSha),
  ])
  if (!open.ok) return open
  if (!statuses.ok) return statuses
  if (!files.ok) return files
  const sorted = sortOut(
    open.value.map(({ pullRequest }) => pullRequest),
    query.branch,
    headSha,
  )
  const member = { headSha, ...sorted, ...statuses.value, workflows: files.value, pulls: open.value }
  // A branch with an open pull request is a member, whatever happened to others.
  if (query.membership !== true || sorted.pullRequests.length > 0) return { ok: true, value: member }
  const ended = await readEndedPullRequests(requests, repo, query.branch)
  return ended.ok ? { ok: true, value: { ...member, endedPullRequests: ended.value } } : ended
}
