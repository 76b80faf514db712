import { readMarker, shortFingerprint } from '../../../model/build/marker.js'
import type { Builds, ListedRun } from '../../../ports/host/builds.js'
import { isTrustedLogin } from './job-records.js'
import type { Trust } from './job-records.js'

/** The listing that shows whether a job was built before, by the marker in the titles of its runs. */
export interface MarkedListing {
  job: string
  fingerprint: string
  query: Parameters<Builds['listRuns']>[0]
}

/** The newest successful run of the same build that a trusted user dispatched; null: there is none. */
export function findMarkedRun(
  { job, fingerprint }: MarkedListing,
  listed: readonly ListedRun[],
  trust: Trust,
): number | null {
  const same = listed.filter(({ title, conclusion, actor }) => {
    if (conclusion !== 'success' || actor === null || !isTrustedLogin(trust, actor)) return false
    const marker = readMarker(title)
    return marker?.job === job && marker.fingerprint === shortFingerprint(fingerprint)
  })
  return same.length === 0 ? null : Math.max(...same.map(({ runId }) => runId))
}
