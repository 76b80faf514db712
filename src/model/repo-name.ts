/** `owner/name`, in the spelling of the graph file. GitHub compares owners and names without case. */
export type RepoName = string

/** The key for comparisons and indexes. */
export function repoKey(repo: RepoName): string {
  return repo.toLowerCase()
}

/** The two halves of `owner/name`. Throws for anything else: names are validated where they enter the program. */
export function splitRepo(repo: RepoName): { owner: string; name: string } {
  const [owner, name, rest] = repo.split('/')
  if (!owner || !name || rest !== undefined) throw new Error(`${repo} is not a valid owner/name`)
  return { owner, name }
}

/** Why this is not a valid account name on GitHub; undefined: it is valid (letters, digits, single hyphens inside, at most 39). */
export function ownerProblem(owner: string): string | undefined {
  if (owner === '') return 'it is empty'
  if (owner.length > 39) return 'it is longer than 39 characters'
  // The underscore is for enterprise managed users, such as octocat_acme.
  if (!/^[A-Za-z0-9_-]+$/u.test(owner)) return 'only letters, digits and hyphens are allowed'
  if (owner.startsWith('-') || owner.endsWith('-')) return 'it starts or ends with a hyphen'
  if (owner.includes('--')) return 'it has two hyphens in a row'
  return undefined
}

/** Why this is not a valid repository name on GitHub (the half after the slash); undefined: it is valid. */
export function repositoryProblem(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.length > 100) return 'it is longer than 100 characters'
  if (!/^[A-Za-z0-9._-]+$/u.test(name)) return 'only letters, digits, dots, hyphens and underscores are allowed'
  if (name === '.' || name === '..') return 'GitHub reserves it'
  if (name.toLowerCase().endsWith('.git')) return 'it ends in .git'
  return undefined
}
