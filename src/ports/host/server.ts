import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** How much of an hourly limit is left to the token. */
export interface RemainingRequests {
  api: 'REST' | 'GraphQL'
  limit: number
  remaining: number
  /** ms, UTC, by GitHub's clock. */
  resetAt: number
}

export interface ServerReading {
  /** The version of an Enterprise Server; null: github.com, or Enterprise Cloud. */
  version: string | null
  /** Empty: the server has no limits. */
  limits: readonly RemainingRequests[]
}

/** Reads about the server itself. Expected failures are values; a rejection is a bug. */
export interface Server {
  /**
   * Costs one request.
   * @param repo the repository that a failure names
   */
  readServer(repo: RepoName): Promise<Read<ServerReading>>
}
