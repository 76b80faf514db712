import type { RepositoryRead } from '../../model/change.js'
import { repoKey, type RepoName } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { DatedPullRequest } from './dated-pull-request.js'

/**
 * The newest state that GitHub has shown. Its replicas lag behind each other by seconds, so that an answer may be older than the one before it.
 * Two times only grow: that of a pull request's latest change, and that of a commit's newest status of a context (a status
 * is never removed). If one of them shrank, the whole answer is older. A value without such a time, such as the head of a branch
 * without a pull request, may alternate between old and new: its age is unknown.
 */
export interface ReplicaLag {
  /** Remembers the reading and returns it; if it is older than an earlier reading, returns it with its `lag`. */
  settle: (reading: RepositoryRead, context: string, pulls: readonly DatedPullRequest[]) => RepositoryRead
  /** Call when GitHub accepted a status. */
  noteStatus: (repo: RepoName, headSha: string, status: { context: string; createdAt: number }) => void
}

/** No replica lags longer than this: after it, the remembered state is discarded, ms. */
const rememberedForMs = 15 * 60_000
/** Above this number of entries, expired ones are removed. */
const cleanupThreshold = 5_000

interface SeenTime {
  /** GitHub's time, ms, UTC. */
  time: number
  /** When it was last seen, by the clock. */
  seenAt: number
}

export function createReplicaLag(clock: Clock): ReplicaLag {
  const seenTimes = new Map<string, SeenTime>()

  const known = (key: string): number => {
    const seenTime = seenTimes.get(key)
    return seenTime && clock.now() - seenTime.seenAt < rememberedForMs ? seenTime.time : -Infinity
  }
  const note = (key: string, time: number): void => {
    if (time < known(key)) return
    seenTimes.set(key, { time, seenAt: clock.now() })
    if (seenTimes.size <= cleanupThreshold) return
    for (const each of seenTimes.keys()) if (known(each) === -Infinity) seenTimes.delete(each)
  }
  const noteStatus: ReplicaLag['noteStatus'] = (repo, headSha, { context, createdAt }) =>
    note(statusKey(repo, headSha, context), createdAt)

  return {
    noteStatus,
    settle: (reading, context, pulls) => {
      const { repo, headSha, status } = reading
      const own = new Set(reading.pullRequests.map(({ number }) => number))
      const dated = pulls.flatMap(({ pullRequest: { number }, updatedAt }) =>
        own.has(number) && updatedAt !== null ? [{ number, updatedAt }] : [],
      )
      const behind = dated.find(({ number, updatedAt }) => updatedAt < known(pullKey(repo, number)))
      if (behind) return { ...reading, lag: `#${behind.number} is shown in an older state` }
      if (headSha !== null && (status?.createdAt ?? -Infinity) < known(statusKey(repo, headSha, context))) {
        return { ...reading, lag: 'a status that was there before is missing' }
      }
      for (const { number, updatedAt } of dated) note(pullKey(repo, number), updatedAt)
      if (headSha !== null && status) noteStatus(repo, headSha, status)
      return reading
    },
  }
}

function pullKey(repo: RepoName, number: number): string {
  return `${repoKey(repo)}#${number}`
}

function statusKey(repo: RepoName, headSha: string, context: string): string {
  return `${repoKey(repo)}@${headSha} ${context.toLowerCase()}`
}
