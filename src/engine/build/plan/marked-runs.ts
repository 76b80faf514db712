import { readMarker, shortFingerprint } from '../../../model/build/marker.js'
import type { Graph } from '../../../model/graph.js'
import type { Builds, ListedRun } from '../../../ports/host/builds.js'
import { isTrustedLogin, trustOf } from './job-records.js'

/** The listing that shows whether a job was built before, by the marker in the titles of its runs. */
export interface MarkedListing {
  job: string
  fingerprint: string
  query: Parameters<Builds['listRuns']>[0]
}

/** Whether the runs of the token's user prove anything: a listing contains only these, if GitHub returns the user. */
export function trustsOwnRuns(graph: Graph, login: string | null): login is string {
  return login !== null && isTrustedLogin(trustOf(graph, login), login)
}

/** The newest successful run of the same build; null: there is none. */
export function findMarkedRun({ job, fingerprint }: MarkedListing, listed: readonly ListedRun[]): number | null {
  const same = listed.filter(({ title, conclusion }) => {
    const marker = readMarker(title)
    return conclusion === 'success' && marker?.job === job && marker.fingerprint === shortFingerprint(fingerprint)
  })
  return same.length === 0 ? null : Math.max(...same.map(({ runId }) => runId))
}
