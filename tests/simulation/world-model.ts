import type { ListedStatus, PullRequest } from '../../src/model/change.js'
import type { Failure } from '../../src/model/failure.js'
import { setDigest } from '../../src/model/set-digest.js'

/** The time in which a run waits for an approval, ms, UTC. */
export interface Wait {
  from: number
  /** Infinity: nobody approves it. */
  until: number
}

export interface WorldRun {
  id: number
  repo: string
  headSha: string
  createdAt: number
  startsAt: number
  endsAt: number
  conclusion: string
  cancelledAt: number | null
  ignoresCancel: boolean
  /** GitHub's re-run counter. */
  runAttempt: number
  /** The attempt that a person started last, and when, ms, UTC; absent: none. */
  byHand?: { attempt: number; at: number }
  /** Whether no reading shows the run any more. */
  vanishes: boolean
  /** When listings show it, ms; absent: ten seconds after its creation. */
  listedFrom?: number
  /** When its current attempt waits for an approval. */
  waits: readonly Wait[]
}

export interface WorldRepository {
  repo: string
  headSha: string | null
  /** Head of its default branch, where that is built because the branch was absent when the change was planned; absent: it is not built. */
  builtDefaultSha?: string
  pullRequest: (PullRequest & { state: 'open' | 'closed' | 'merged' }) | null
  statuses: ListedStatus[]
  /** When it got our first status. */
  claimedAt?: number
  /** Until then the pull request still shows the head from before the move. */
  lagsUntil?: number
  /** When somebody changed the base of its pull request, ms, UTC. */
  retargetedAt?: number
  /** Since when its pull request has not been mergeable without a break, ms, UTC. */
  blockedSince?: number
  /** The same, without the times when GitHub only did not know. */
  conflictingSince?: number
  /** Whether an earlier orchestration unlocked it for the current state of the change. */
  isUnlocked?: boolean
  /** Since when its pull request is closed, ms, UTC. */
  closedSince?: number
  /** The number of a closed pull request that the present one replaces. */
  replacedNumber?: number
}

/** The probability of each trouble, 0 to 1. */
export interface Trouble {
  readFails: number
  postFails: number
  dispatchRefused: number
  dispatchAmbiguous: number
  cancelFails: number
  slow: number
}

/** A success that was posted although the law forbids it, or another broken law: one sentence. */
export type Violation = string

/** Head of every default branch until it moves. */
export const defaultSha = 'd'.repeat(40)

export function openPullRequest(
  repo: string,
  number: number,
  { headSha, baseRef }: { headSha: string; baseRef: string },
): NonNullable<WorldRepository['pullRequest']> {
  return {
    number,
    url: `https://github.test/${repo}/pull/${number}`,
    title: 'a change',
    headRef: 'DPTA-1',
    headSha,
    baseRef,
    isDraft: false,
    mergeability: 'mergeable',
    isFork: false,
    state: 'open',
  }
}

/** The digest of the change as it is now: a member without a pull request would be merged into the default branch. */
export function digestOf(repositories: readonly WorldRepository[]): string {
  const base = (pullRequest: WorldRepository['pullRequest']): string[] => [pullRequest?.baseRef ?? 'main']
  return setDigest(
    repositories.map(({ repo, headSha, builtDefaultSha, pullRequest }) => {
      if (headSha !== null) return { repo, headSha, bases: base(pullRequest) }
      return { repo, headSha, ...(builtDefaultSha === undefined ? {} : { defaultBranchSha: builtDefaultSha }) }
    }),
  )
}

export function isForeign({ description }: ListedStatus): boolean {
  return !description.startsWith('run:run0000001 ')
}

export function serverError(repo: string): Failure {
  return { kind: 'server-error', message: 'GitHub answered 502', repo, httpStatus: 502 }
}
