import type { RepoName } from '../model/repo-name.js'
import type { Access } from '../ports/host/access.js'
import type { Read } from '../ports/host/read.js'

/**
 * The id of the GitHub App that a login such as `orch[bot]` is of; null: it is that of a person, or GitHub does not name it.
 * @param repo the repository that a failure names
 */
export async function readAppOfLogin(
  host: Pick<Access, 'readAppId'>,
  repo: RepoName,
  login: string | null,
): Promise<Read<number | null>> {
  const slug = /^(.+)\[bot\]$/u.exec(login ?? '')?.[1]
  return slug === undefined ? { ok: true, value: null } : host.readAppId(repo, slug)
}
