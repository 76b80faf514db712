import { permissionWords } from '../../model/permission.js'
import type { Permission } from '../../model/permission.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { text, UnexpectedShape } from '../api/fields.js'
import { serviceNeeds } from '../api/permissions.js'
import { interpret, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** GET /repos/{owner}/{repo}/collaborators/{username}/permission */
export async function readPermission(requests: Requests, repo: RepoName, login: string): Promise<Read<Permission>> {
  const path = repoPath(repo, 'collaborators', login, 'permission')
  const ask: Ask = { repo, need: serviceNeeds.readPeople, thing: `the user ${login}`, path }
  return interpret(ask, await requests.get(ask), toPermission)
}

function toPermission(payload: unknown): Permission {
  const word = text(payload, 'permission')
  const permission = permissionWords.find((known) => known === word)
  if (permission === undefined) throw new UnexpectedShape(`the permission is ${JSON.stringify(word)}`)
  return permission
}
