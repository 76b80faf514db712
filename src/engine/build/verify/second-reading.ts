import type { ListedStatus, PullRequestState, RepositoryRead, RepositoryReading } from '../../../model/change.js'
import { repoKey } from '../../../model/repo-name.js'

/** A second reading of a change whose builds have succeeded. */
export interface SecondReading {
  readings: readonly RepositoryReading[]
  /** The planned pull requests that the list of open ones does not contain, by `pullRequestKey`. */
  vanished: ReadonlyMap<string, PullRequestState>
  /**
   * By repository key: the statuses of our context on the claimed head, newest first, at least down to our own claim. null if they are
   * not needed, because the readings show our claims as the newest statuses (`carryOurClaims`).
   */
  histories: ReadonlyMap<string, readonly ListedStatus[]> | null
}

export function pullRequestKey(repo: string, number: number): string {
  return `${repoKey(repo)}#${number}`
}

export function byRepository(readings: readonly RepositoryReading[]): Map<string, RepositoryRead> {
  return new Map(
    readings.flatMap((reading) => (reading.kind === 'read' ? [[repoKey(reading.repo), reading] as const] : [])),
  )
}

/** Returns the reading; empty if it is older than an earlier reading, because it does not show the current state. */
export function expectReading(readings: ReadonlyMap<string, RepositoryRead>, repo: string): RepositoryRead[] {
  const reading = readings.get(repoKey(repo))
  if (!reading) throw new Error(`${repo} was not read again`)
  return reading.lag === undefined ? [reading] : []
}
