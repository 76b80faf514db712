import type { PromiseClock } from '../support/promise-clock.js'
import type { History } from './history.js'
import type { Replay } from './replay.js'
import type { World } from './world.js'
import type { WorldRun } from './world-model.js'

const second = 1_000

/** Whether the first attempt of a run fails, so that a person has something to re-run. */
export function failsFirst({ rerunsByHand }: History, random: () => number): boolean {
  return rerunsByHand === true && random() < 0.4
}

/** Re-runs a run by hand some time after it failed, unless it is running again by then. Most re-runs succeed. */
export async function rerunByHand(world: World, run: WorldRun, clock: PromiseClock, random: () => number) {
  const delay = Math.floor(second + random() * random() * 180 * second)
  const lasts = Math.floor(second + random() * random() * 300 * second)
  const isGreen = random() < 0.7
  // A run that nobody approves does not end by itself.
  if (run.endsAt === Infinity) return
  await clock.sleep(run.endsAt - clock.now() + delay)
  const { status, conclusion } = world.present(run)
  if (status !== 'completed' || conclusion === 'success' || run.cancelledAt !== null) return
  const startsAt = clock.now() + Math.floor(random() * 10 * second)
  world.startAgain(run, { startsAt, endsAt: startsAt + lasts, conclusion: isGreen ? 'success' : 'failure', waits: [] })
  run.byHand = { attempt: run.runAttempt, at: clock.now() }
}

/** The time before the last end of a build in which a failed run need not be read again, and that of a request, ms. */
const unreadMs = 6 * second

/** An orchestration whose only failures are failed runs does not fail without knowing which of them a person re-ran before its last build ended. */
export function verdictBroken(
  history: History,
  { outcome, orchestration, world, events }: Pick<Replay, 'outcome' | 'orchestration' | 'world' | 'events'>,
): string[] {
  if (outcome !== 'failed' || history.trouble !== 'none' || history.crashes > 0) return []
  const settled = [...orchestration.jobs].flatMap(([id, job]) => (job.phase === 'settled' ? [{ id, job }] : []))
  const bad = settled.filter(({ job }) => !['succeeded', 'fresh', 'skipped', 'not-run'].includes(job.outcome))
  if (bad.some(({ job }) => job.outcome !== 'failed')) return []
  const lastEnd = events.findLast(({ type }) => type === 'job-settled')?.at ?? -Infinity
  return bad.flatMap(({ id, job }) => {
    const byHand = world.runs.find((run) => run.id === job.runId)?.byHand
    if (!byHand || byHand.at >= lastEnd - unreadMs || (job.runAttempt ?? 1) >= byHand.attempt) return []
    return [`failed, although a person had re-run the build of ${id} before`]
  })
}

/** What a true record proves is not dispatched again unless something that it needs is. */
export function reuseBroken({ orchestration, world }: Pick<Replay, 'orchestration' | 'world'>): string[] {
  const { earlier } = world
  if (!earlier) return []
  const { members, absent } = orchestration.plan
  // A built default branch has no record, so that it is built each time.
  const built = absent.filter(({ isBuilt }) => isBuilt === true)
  const stale = [...members.filter(({ repo }) => !earlier.isFresh(repo)), ...built]
  return [...new Set(world.dispatches)].flatMap((repo) =>
    earlier.isFresh(repo) && !stale.some((other) => earlier.isNeededBy(other.repo, repo))
      ? [`${repo} was dispatched although a green run of the same build was recorded`]
      : [],
  )
}
