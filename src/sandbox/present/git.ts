import type { GitCommit, GitRef, GitPerson } from '../git/git-store.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { inPath, nodeId, timestamp } from './common.js'
import { repositoryPage, repositoryUrl } from './repository.js'

/** `git-ref` of GitHub's OpenAPI description. */
export function presentRef(world: World, repository: Repository, { name, sha }: GitRef): Record<string, unknown> {
  const url = repositoryUrl(world, repository)
  return {
    ref: name,
    node_id: nodeId('Ref', `${repository.id}:${name}`),
    url: `${url}/git/${inPath(name)}`,
    object: { sha, type: 'commit', url: `${url}/git/commits/${sha}` },
  }
}

/** `short-branch` of GitHub's OpenAPI description. */
export function presentShortBranch(
  world: World,
  repository: Repository,
  branch: { name: string; sha: string; isProtected: boolean },
): Record<string, unknown> {
  const { name, sha, isProtected } = branch
  return {
    name,
    commit: { sha, url: `${repositoryUrl(world, repository)}/commits/${sha}` },
    protected: isProtected,
  }
}

/** `branch-with-protection` of GitHub's OpenAPI description. */
export function presentBranch(
  world: World,
  repository: Repository,
  branch: { name: string; commit: GitCommit; isProtected: boolean },
): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/branches/${inPath(branch.name)}`
  return {
    name: branch.name,
    commit: presentCommit(world, repository, branch.commit),
    _links: { self: url, html: `${repositoryPage(world, repository)}/tree/${inPath(branch.name)}` },
    protected: branch.isProtected,
    // The sandbox has no classic branch protection; `protected` comes from rulesets.
    protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
    protection_url: `${url}/protection`,
  }
}

/** `commit` of GitHub's OpenAPI description, without `files` and `stats`. */
export function presentCommit(world: World, repository: Repository, commit: GitCommit): Record<string, unknown> {
  const url = repositoryUrl(world, repository)
  const { sha } = commit
  return {
    sha,
    node_id: nodeId('Commit', `${repository.id}:${sha}`),
    commit: {
      author: presentPerson(commit.author),
      committer: presentPerson(commit.committer),
      message: commit.message.trimEnd(),
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    url: `${url}/commits/${sha}`,
    html_url: `${repositoryPage(world, repository)}/commit/${sha}`,
    comments_url: `${url}/commits/${sha}/comments`,
    author: accountOf(world, commit.author),
    committer: accountOf(world, commit.committer),
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${url}/commits/${parent}`,
      html_url: `${repositoryPage(world, repository)}/commit/${parent}`,
    })),
  }
}

/** The commit in the response of `PUT` and `DELETE` of contents. */
export function presentFileCommit(world: World, repository: Repository, commit: GitCommit): Record<string, unknown> {
  const url = repositoryUrl(world, repository)
  const { sha } = commit
  return {
    sha,
    node_id: nodeId('Commit', `${repository.id}:${sha}`),
    url: `${url}/git/commits/${sha}`,
    html_url: `${repositoryPage(world, repository)}/commit/${sha}`,
    author: presentPerson(commit.author),
    committer: presentPerson(commit.committer),
    message: commit.message.trimEnd(),
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    parents: commit.parents.map((parent) => ({
      sha: parent,
      url: `${url}/git/commits/${parent}`,
      html_url: `${repositoryPage(world, repository)}/commit/${parent}`,
    })),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  }
}

function presentPerson(person: GitPerson & { time: number }): Record<string, unknown> {
  return { name: person.name, email: person.email, date: timestamp(person.time) }
}

function accountOf(world: World, person: GitPerson): Record<string, unknown> | null {
  const account = world.directory.account(person.name)
  return account === undefined ? null : presentAccount(world, account)
}
