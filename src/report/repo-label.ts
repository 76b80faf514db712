import type { RepoName } from '../model/repo-name.js'
import { sanitize } from '../lib/sanitize.js'

/** The short name of a repository: without its owner if all have the same. Sanitized. */
export type RepoLabel = (repo: RepoName) => string

/** Labels for these repositories; any other gets its full name. */
export function labelRepositories(repos: readonly RepoName[]): RepoLabel {
  const ownerOf = (repo: RepoName): string => repo.slice(0, repo.indexOf('/') + 1).toLowerCase()
  const owners = new Set(repos.map(ownerOf))
  const [owner] = owners
  return (repo) =>
    sanitize(owners.size === 1 && owner !== undefined && ownerOf(repo) === owner ? repo.slice(owner.length) : repo)
}
