import type { PromiseClock } from '../support/promise-clock.js'
import type { History } from './history.js'
import type { World } from './world.js'
import type { WorldRepository } from './world-model.js'

const minute = 60_000

/**
 * Makes pull requests of the change unmergeable, before the plan and later. `comes-and-goes` changes one every few minutes; `at-success`
 * blocks one while our successes are posted; the others choose one and mend it later or never.
 */
export async function obstruct(
  { obstacle }: History,
  world: World,
  clock: PromiseClock,
  random: () => number,
): Promise<void> {
  const all = [...world.repositories.values()].filter(({ pullRequest }) => pullRequest !== null)
  const choose = (): WorldRepository | undefined => all[Math.floor(random() * all.length)]
  const sleep = (most: number): Promise<void> => clock.sleep(Math.floor(random() * most * minute))
  const chosen = choose()
  if (!chosen) return
  switch (obstacle) {
    case undefined:
    case 'missing':
      return
    case 'draft':
    case 'conflict':
    case 'unknown':
      world.block(chosen, obstacle)
      if (random() < 0.5) return
      await sleep(30)
      return world.block(chosen, null)
    case 'at-success':
      await world.successBegun
      await sleep(0.01)
      return world.block(chosen, random() < 0.5 ? 'draft' : 'conflict')
    case 'comes-and-goes':
      for (let change = 0; change < 8; change += 1) {
        const repository = choose() ?? chosen
        const kinds = ['draft', 'conflict', 'unknown', null, null] as const
        world.block(repository, kinds[Math.floor(random() * kinds.length)] ?? null)
        await sleep(6)
      }
  }
}
