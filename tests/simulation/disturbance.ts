import type { MemoryJournal } from '../support/memory-journal.js'
import type { PromiseClock } from '../support/promise-clock.js'
import type { History } from './history.js'
import { troubles } from './random-world.js'
import type { World } from './world.js'
import type { WorldRepository } from './world-model.js'

const minute = 60_000

/** Changes that touch nothing that is tested. */
export const untesting: ReadonlySet<History['disturbance']> = new Set(['none', 'open', 'open-at-success', 'reopen'])

/** Applies the external disturbance of the history some time after the start. */
export async function disturbLater(
  { disturbance, obstacle }: History,
  world: World,
  clock: PromiseClock,
  random: () => number,
  journal: MemoryJournal,
  interrupt: (signal: string) => void,
): Promise<void> {
  if (disturbance === 'foreign-status-at-success') return postForeignStatusAtSuccess(world, clock, random, interrupt)
  if (disturbance === 'open-at-success') {
    await world.successBegun
    await clock.sleep(Math.floor(random() ** 3 * 5_000))
    return openOne(world, random, obstacle !== undefined && random() < 0.5)
  }
  // The disturbance waits until the start is journaled: before that the orchestration does nothing.
  await clock.sleep(100 + Math.floor(random() * random() * 15 * minute))
  const all = [...world.repositories.values()]
  const members = all.filter(({ headSha }) => headSha !== null)
  const member = members[Math.floor(random() * members.length)]
  const absent = all.find(({ headSha }) => headSha === null)
  const open = members.find(({ pullRequest }) => pullRequest?.state === 'open')
  switch (disturbance) {
    case 'none':
      return
    case 'move':
      if (member) world.disturb(() => move(member))
      return
    case 'appear':
      if (absent) world.disturb(() => (absent.headSha = 'f'.repeat(40)))
      return
    case 'default-moves': {
      const built = all.find(({ builtDefaultSha }) => builtDefaultSha !== undefined)
      if (built) world.disturb(() => (built.builtDefaultSha = 'c'.repeat(40)))
      return
    }
    case 'close':
      if (open?.pullRequest) world.disturb(() => Object.assign(open.pullRequest ?? {}, { state: 'closed' }))
      return
    case 'open':
      return openOne(world, random, obstacle !== undefined && random() < 0.3)
    case 'reopen':
      if (!open) return
      world.close(open)
      await clock.sleep(Math.floor(random() * random() * 10 * minute))
      if (random() < 0.5) world.reopen(open)
      else world.open(open)
      world.reopenedAt = clock.now()
      return
    case 'merge':
      if (open?.pullRequest) Object.assign(open.pullRequest, { state: 'merged' })
      return
    case 'retarget':
    case 'retarget-and-merge':
      if (open) world.retarget(open, disturbance === 'retarget' ? 'open' : 'merged')
      return
    case 'merge-and-move': {
      const other = members.find((candidate) => candidate !== open)
      if (open?.pullRequest && other) {
        Object.assign(open.pullRequest, { state: 'merged' })
        world.disturb(() => move(other))
      }
      return
    }
    case 'cut-off':
      world.trouble = { ...troubles.none, readFails: 1, postFails: 1, dispatchAmbiguous: 1, cancelFails: 1 }
      return
    case 'no-cancel':
      world.trouble = { ...world.trouble, cancelFails: 1 }
      return
    case 'invalidate':
    case 'take-over':
      if (open)
        world.addStatus(open.repo, 'pending', disturbance === 'invalidate' ? 'inv:abcdef12 pushed' : 'run:other12345')
      return
    case 'interrupt':
      return interrupt('SIGINT')
    case 'full-disk':
      journal.refuses = true
  }
}

/** Opens a pull request at the head of a member that has none. */
function openOne(world: World, random: () => number, isDraft: boolean): void {
  const without = [...world.repositories.values()].filter(
    ({ headSha, pullRequest }) => headSha !== null && pullRequest === null,
  )
  const chosen = without[Math.floor(random() * without.length)]
  if (chosen) world.open(chosen, isDraft)
}

/**
 * Sets a foreign status while ours become success, within the 30 s in which the orchestration relies on the reading before success; often
 * a second disturbance makes the orchestration close the heads or take its successes back.
 */
async function postForeignStatusAtSuccess(
  world: World,
  clock: PromiseClock,
  random: () => number,
  interrupt: (signal: string) => void,
): Promise<void> {
  await world.successBegun
  const within = (ms: number): Promise<void> => clock.sleep(Math.floor(random() ** 3 * ms))
  const open = [...world.repositories.values()].filter(({ pullRequest }) => pullRequest?.state === 'open')
  const head = open[Math.floor(random() * open.length)]
  await within(30_000)
  if (head) world.addStatus(head.repo, 'pending', random() < 0.5 ? 'inv:abcdef12 pushed' : 'run:other12345')
  const next = random()
  await within(5_000)
  if (next < 0.3) interrupt('SIGINT')
  const other = open.find((candidate) => candidate !== head)
  if (next > 0.7 && other) world.disturb(() => move(other))
}

function move(member: WorldRepository): void {
  member.headSha = '9'.repeat(40)
  member.statuses = []
  if (member.pullRequest) member.pullRequest.headSha = member.headSha
}
