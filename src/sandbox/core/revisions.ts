import type { GitCommit } from '../git/git-store.js'
import { isRefName } from '../git/git-store.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'

/** Returns the SHA of a branch, or null. */
export async function branchSha(world: World, repository: Repository, branch: string): Promise<string | null> {
  const ref = `refs/heads/${branch}`
  return isRefName(ref) ? world.git.resolveRef(repository.id, ref) : null
}

/** Resolves a branch, a tag or a full `refs/heads/…` or `refs/tags/…` to its full ref and SHA. Branches take precedence. */
export async function resolveRefName(
  world: World,
  repository: Repository,
  name: string,
): Promise<{ ref: string; sha: string } | null> {
  const full = /^refs\/(?:heads|tags)\//.test(name) ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`]
  for (const ref of full.filter(isRefName)) {
    const sha = await world.git.resolveRef(repository.id, ref)
    if (sha !== null) return { ref, sha }
  }
  return null
}

/** Resolves a `{ref}` of the REST API to a commit: a SHA, a SHA prefix, a branch, a tag, a full ref, or `heads/…` and `tags/…`. */
export async function resolveCommit(world: World, repository: Repository, name: string): Promise<GitCommit | null> {
  if (/^[0-9a-f]{40}$/i.test(name)) return world.git.readCommit(repository.id, name.toLowerCase())
  const sha = (await namedSha(world, repository, name)) ?? name.toLowerCase()
  return world.git.readCommit(repository.id, sha)
}

async function namedSha(world: World, repository: Repository, name: string): Promise<string | null> {
  if (name === 'HEAD') return branchSha(world, repository, repository.defaultBranch)
  const named = await resolveRefName(world, repository, name)
  if (named !== null) return named.sha
  const full = name.startsWith('refs/') ? name : `refs/${name}`
  return isRefName(full) ? world.git.resolveRef(repository.id, full) : null
}
