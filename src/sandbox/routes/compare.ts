import { resolveCommit } from '../core/revisions.js'
import type { GitCommit } from '../git/git-store.js'
import type { Answer } from '../http/answer.js'
import { failure, json, notFound } from '../http/answer.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission } from '../http/call.js'
import { readPage } from '../http/pagination.js'
import { presentCommit } from '../present/git.js'
import { repositoryPage, repositoryUrl } from '../present/repository.js'

const contents = permission('contents', 'read')

/** The comparison of two commits of one repository, without the changed files. */
export const compareRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/compare/{basehead}', permissions: [contents], handle: compareCommits },
]

async function compareCommits(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const basehead = call.params.basehead ?? ''
  const [baseName, headName] = basehead.split('...')
  const base = await resolveCommit(world, repository, baseName ?? '')
  const head = await resolveCommit(world, repository, headName ?? '')
  if (base === null || head === null) return notFound()
  const sha = await world.git.mergeBase(repository.id, base.sha, head.sha)
  const mergeBase = sha === null ? null : await world.git.readCommit(repository.id, sha)
  if (mergeBase === null) return failure(404, `No common ancestor between ${baseName} and ${headName}.`)
  const ahead = await commitsBetween(call, base, head)
  const behind = await world.git.countAhead(repository.id, head.sha, base.sha)
  const { page, perPage } = readPage(call.query)
  const url = `${repositoryUrl(world, repository)}/compare/${basehead}`
  const html = `${repositoryPage(world, repository)}/compare`
  return json({
    url,
    html_url: `${html}/${basehead}`,
    permalink_url: `${html}/${base.sha}...${head.sha}`,
    diff_url: `${html}/${basehead}.diff`,
    patch_url: `${html}/${basehead}.patch`,
    base_commit: presentCommit(world, repository, base),
    merge_base_commit: presentCommit(world, repository, mergeBase),
    status: statusOf(ahead.length, behind),
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    commits: ahead
      .slice((page - 1) * perPage, page * perPage)
      .map((commit) => presentCommit(world, repository, commit)),
  })
}

function statusOf(ahead: number, behind: number): 'ahead' | 'behind' | 'diverged' | 'identical' {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead'
  return behind > 0 ? 'behind' : 'identical'
}

/** Returns the commits of the head that the base lacks, oldest first. */
async function commitsBetween(
  { world, repository }: RepositoryCall,
  base: GitCommit,
  head: GitCommit,
): Promise<GitCommit[]> {
  const all = { skip: 0, limit: 1_000_000 }
  const known = new Set((await world.git.history(repository.id, base.sha, all)).map(({ sha }) => sha))
  const commits = await world.git.history(repository.id, head.sha, all)
  return commits.filter(({ sha }) => !known.has(sha)).reverse()
}
