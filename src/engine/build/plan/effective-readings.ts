import { withoutMergedBranch } from '../../../model/build/merged-branch.js'
import type { EffectiveReading } from '../../../model/build/merged-branch.js'
import type { RepositoryReading } from '../../../model/change.js'
import { repoKey } from '../../../model/repo-name.js'

/** The readable repositories, by key; a merged branch counts as absent. */
export function effectiveReadings(readings: readonly RepositoryReading[]): Map<string, EffectiveReading> {
  return new Map(
    readings.flatMap((reading) =>
      reading.kind === 'read' ? [[repoKey(reading.repo), withoutMergedBranch(reading)] as const] : [],
    ),
  )
}

/** Finds the reading of a repository, which must be there. */
export function readingIn(readings: ReadonlyMap<string, EffectiveReading>): (repo: string) => EffectiveReading {
  return (repo) => {
    const found = readings.get(repoKey(repo))
    if (!found) throw new Error(`${repo} was not read`)
    return found
  }
}
