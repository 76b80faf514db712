import type { Graph, Job } from '../../src/model/graph.js'
import { sortJobs } from '../../src/model/graph.js'
import type { PromiseClock } from '../support/promise-clock.js'
import type { History } from './history.js'
import type { World } from './world.js'
import { openPullRequest } from './world-model.js'
import type { Trouble, Wait, WorldRepository } from './world-model.js'

const minute = 60_000

export const troubles: Record<History['trouble'], Trouble> = {
  none: { readFails: 0, postFails: 0, dispatchRefused: 0, dispatchAmbiguous: 0, cancelFails: 0, slow: 0 },
  some: {
    readFails: 0.05,
    postFails: 0.02,
    dispatchRefused: 0.02,
    dispatchAmbiguous: 0.03,
    cancelFails: 0.1,
    slow: 0.05,
  },
  much: { readFails: 0.3, postFails: 0.2, dispatchRefused: 0.1, dispatchAmbiguous: 0.1, cancelFails: 0.4, slow: 0.2 },
}

export function randomGraph(history: History, random: () => number): Graph {
  const jobs: Job[] = Array.from({ length: history.jobs }, (_, index) => ({
    id: `job${index}`,
    repo: `acme/repo${index}`,
    needs: Array.from({ length: index }, (_, need) => `job${need}`).filter(() => random() < history.density),
    workflow: 'build.yml',
    inputs: {},
    timeoutMs: 30 * minute,
    queueTimeoutMs: 60 * minute,
    retries: history.retries,
    retryOn: index % 2 === 0 ? ('any' as const) : ('infrastructure' as const),
    approvalTimeoutMs: history.approvals === 'limited' ? 20 * minute : undefined,
    onLostDispatch: history.onLostDispatch,
    withoutBranch: index % 2 === 0 ? history.withoutBranch : undefined,
  }))
  const sorted = sortJobs(jobs)
  if (!sorted.ok) throw new Error('the random graph has a cycle')
  const { failFast, maxParallel } = history
  return {
    branches: ['DPTA-*'],
    statusContext: 'orchestrator-build',
    failFast,
    maxParallel,
    membersWithoutPullRequest: history.obstacle === 'missing' ? 'hold' : undefined,
    jobs: sorted.jobs,
  }
}

export function randomRepository(repo: string, index: number, random: () => number): WorldRepository {
  const headSha = random() < 0.75 ? index.toString(16).padStart(40, 'a') : null
  const baseRef = index % 3 === 2 ? 'release' : 'main'
  const pullRequest = headSha !== null && random() < 0.8 ? openPullRequest(repo, index + 1, { headSha, baseRef }) : null
  return { repo, headSha, pullRequest, statuses: [] }
}

export function randomRun(
  history: History,
  clock: PromiseClock,
  random: () => number,
): Omit<ReturnType<World['planRun']>, 'waits'> {
  const chance = history.trouble === 'none' ? 1 : random()
  const startsAt = clock.now() + Math.floor(random() * (chance < 0.05 ? 90 : 2) * minute)
  const lasts = chance < 0.03 ? 48 * 60 : chance < 0.1 ? 60 : 5
  const endsAt = startsAt + Math.floor(random() * lasts * minute) + 1_000
  const conclusion = ['failure', 'cancelled', 'skipped', 'neutral', 'timed_out', 'brand_new'][Math.floor(random() * 6)]
  return {
    startsAt,
    endsAt,
    conclusion: chance < 0.85 && history.trouble !== 'none' && random() < 0.2 ? (conclusion ?? 'failure') : 'success',
    ignoresCancel: chance < 0.2 || chance > 0.99,
    vanishes: chance < 0.02,
    moved: chance > 0.98 && history.trouble !== 'none',
  }
}

/** A run that may wait for an approval; the other times of the run are later by that. */
export function withApproval<Run extends { startsAt: number; endsAt: number }>(
  run: Run,
  history: History,
  clock: PromiseClock,
  random: () => number,
): Run & { waits: Wait[] } {
  if (history.approvals === undefined || random() < 0.5) return { ...run, waits: [] }
  const { startsAt, endsAt } = run
  const isFirst = random() < 0.5
  const from = Math.floor(isFirst ? clock.now() : startsAt + random() * (endsAt - startsAt))
  const lasts = random() < 0.1 ? Infinity : Math.floor(random() * (random() < 0.3 ? 100 : 3) * minute)
  return {
    ...run,
    startsAt: isFirst ? startsAt + lasts : startsAt,
    endsAt: endsAt + lasts,
    waits: [{ from, until: from + lasts }],
  }
}
