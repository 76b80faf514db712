import { splitRepo, type RepoName } from '../../model/repo-name.js'

/**
 * An API path below `/repos/{owner}/{name}`. Each value is encoded except for its slashes, which branch names contain.
 * Throws on a value that would leave the repository's path: such names are refused where they are read.
 */
export function repoPath(repo: RepoName, ...values: readonly (string | number)[]): string {
  const { owner, name } = splitRepo(repo)
  const segments = [owner, name, ...values.flatMap((value) => String(value).split('/'))]
  if (segments.includes('.') || segments.includes('..')) throw new Error(`not a path of ${repo}: ${values.join('/')}`)
  return ['/repos', ...segments.map(encodeURIComponent)].join('/')
}
