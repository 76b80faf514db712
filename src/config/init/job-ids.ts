import { repoKey, splitRepo } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'

/**
 * A job id for each repository: its name, with `-` for characters that an id cannot have. No id is given twice, also not in another case, and
 * none is the status context, which GitHub could not tell from the check of a job.
 */
export function chooseJobIds(repositories: readonly RepoName[], statusContext: string): Map<RepoName, string> {
  const taken = new Set([statusContext.toLowerCase()])
  const ids = new Map<RepoName, string>()
  // Repositories whose name is a valid id keep it, whatever the others are called.
  const [plain, others] = [true, false].map((isPlain) => repositories.filter((repo) => isId(nameOf(repo)) === isPlain))
  for (const repo of [...(plain ?? []), ...(others ?? [])]) {
    const wanted = nameOf(repo)
      .replaceAll(/[^A-Za-z0-9_-]/gu, '-')
      .replace(/^(?![A-Za-z_])/u, '_')
      .slice(0, maxLength)
    let id = wanted
    for (let count = 2; taken.has(id.toLowerCase()); count += 1) id = `${wanted}-${count}`
    taken.add(id.toLowerCase())
    ids.set(repo, id)
  }
  return new Map(repositories.map((repo) => [repo, ids.get(repo) ?? repoKey(repo)]))
}

/** Leaves room for a count within the 100 characters of an id. */
const maxLength = 90

function isId(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/u.test(name) && name.length <= maxLength
}

function nameOf(repo: RepoName): string {
  return splitRepo(repo).name
}
