import type { Read } from '../../../ports/host/read.js'

/** What a person may do in a repository; `write` includes GitHub's `maintain`. */
export type RepositoryPermission = 'none' | 'read' | 'write' | 'admin'

/** Who people are and what they may do, as GitHub reports it. */
export interface Identities {
  /** Login of the user whose token this is; null: GitHub refuses the token. The token is not kept. */
  login(token: string): Promise<Read<string | null>>
  /** What a user may do in `owner/name`, asked with the service's own token. */
  permission(login: string, repository: string): Promise<Read<RepositoryPermission>>
}
