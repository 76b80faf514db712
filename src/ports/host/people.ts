import type { Permission } from '../../model/permission.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** Reads what people may do. Expected failures are values; a rejection is a bug. */
export interface People {
  /** The permission of a person on a repository. A login that does not exist is a failure, as is a repository that the token cannot see. */
  readPermission(repo: RepoName, login: string): Promise<Read<Permission>>
}
