import type { RepositoryRead } from '../../model/change.js'
import { repoKey, type RepoName } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { DatedPullRequest } from './dated-pull-request.js'

/**
 * The newest state that GitHub has shown. Its replicas lag behind each other by seconds, so that an answer may be older than the one before it.
 * Two things only ever grow: the time of a pull request's latest change, and the time of a commit's newest status of a context (a status
 * is never taken away). Where one of them shrank, the whole answer is from before. What has no such time, such as the head of a branch
 * without a pull request, may go back and forth: its age is unknown.
 */
export interface ReplicaLag {
  /** Returns the reading and remembers it; if it is older than what was seen, returns it with its `lag`. */
  settle: (reading: RepositoryRead, context: string, pulls: readonly DatedPullRequest[]) => RepositoryRead
  /** A status that GitHub took. */
  noteStatus: (repo: RepoName, headSha: string, status: { context: string; createdAt: number }) => void
}

/** No replica lags so long: then what was seen is doubted instead, ms. */
const believedFor = 15 * 60_000
/** Beyond so many, what is not believed any more is forgotten. */
const plenty = 5_000

interface Moment {
  /** GitHub's time, ms, UTC. */
  time: number
  /** When it was last seen, by the clock. */
  seenAt: number
}

export function createReplicaLag(clock: Clock): ReplicaLag {
  const moments = new Map<string, Moment>()

  const known = (key: string): number => {
    const moment = moments.get(key)
    return moment && clock.now() - moment.seenAt < believedFor ? moment.time : -Infinity
  }
  const note = (key: string, time: number): void => {
    if (time < known(key)) return
    moments.set(key, { time, seenAt: clock.now() })
    if (moments.size <= plenty) return
    for (const each of moments.keys()) if (known(each) === -Infinity) moments.delete(each)
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
