/** `owner/name`, as the graph file spells it. GitHub compares owners and names without case. */
export type RepoName = string

/** The form to compare and to index by. */
export function repoKey(repo: RepoName): string {
  return repo.toLowerCase()
}

/** The two halves of `owner/name`. Throws on anything else: names are validated where they enter. */
export function splitRepo(repo: RepoName): { owner: string; name: string } {
  const [owner, name, rest] = repo.split('/')
  if (!owner || !name || rest !== undefined) throw new Error(`not an owner/name: ${repo}`)
  return { owner, name }
}
