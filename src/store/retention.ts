import { startOfId } from './id-time.js'

const dayMs = 24 * 3_600_000

/** The limits for kept journals (docs/decisions/0007-pruning.md). */
export const retention = {
  /** The newest journals are kept regardless of their age. */
  atLeast: 50,
  /** Beyond this number of newest journals, finished ones are removed regardless of their age. */
  atMost: 1_000,
  /** The retention time of a finished journal after its last event. */
  ageMs: 30 * dayMs,
  /** The maximum number of journals that one pruning opens: it runs beside an orchestration. */
  openings: 50,
  /** The time for which a lock without a journal is kept after its beginning: its orchestration may be just starting. */
  orphanAgeMs: dayMs,
} as const

/** A journal that may be removed, judged by its id alone. */
export interface Candidate {
  id: string
  /** It is beyond the number that is kept. */
  isExcess: boolean
}

/**
 * The journals that one pruning should open, oldest first. `ids`: all of them, oldest first. Of more than one pruning opens, the first one
 * varies with the time, so that those which must stay do not keep the others from being removed.
 */
export function pruneCandidates(ids: readonly string[], now: number): Candidate[] {
  const candidates = ids
    .filter((id) => startOfId(id) !== null)
    .reverse()
    .map((id, index) => ({ id, index, isExcess: index >= retention.atMost }))
    .filter(({ id, index, isExcess }) => isExcess || (index >= retention.atLeast && isOld(startOfId(id), now)))
    .reverse()
  if (candidates.length <= retention.openings) return candidates
  const start = Math.floor(now / 1000) % candidates.length
  return [...candidates.slice(start), ...candidates.slice(0, start)].slice(0, retention.openings)
}

/** Whether a candidate is to be removed. `endedAt`: ms, UTC; null: it has not ended, or that is not known. */
export function isExpired({ isExcess }: Candidate, endedAt: number | null, now: number): boolean {
  return endedAt !== null && (isExcess || isOld(endedAt, now))
}

function isOld(at: number | null, now: number): boolean {
  return at !== null && at < now - retention.ageMs
}
