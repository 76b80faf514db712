import { DueList } from './due-list.js'
import type { Decider, TimedAction } from './process.js'

/** A decider that calls `decide` after each event. Suitable for a process with few actions. */
export function createPlainDecider<State, Action extends TimedAction>(
  decide: (state: State, now: number) => readonly Action[],
  actionKey: (action: Action) => string,
): Decider<State, Action> {
  const dueList = new DueList()
  let decided: { state: State; now: number } | null = null
  let actions = new Map<string, Action>()
  const actionOf = (key: string): Action => {
    const action = actions.get(key)
    if (action === undefined) throw new Error(`${key} is not pending`)
    return action
  }
  return {
    update: (state, now) => {
      if (decided?.state === state && decided.now === now) return
      decided = { state, now }
      actions = new Map(decide(state, now).map((action) => [actionKey(action), action]))
      dueList.replace(
        0,
        [...actions].map(([key, { at }], index) => ({ key, at, priority: 0, index })),
      )
    },
    take: () => dueList.take(decided?.now ?? -Infinity).map(({ key }) => actionOf(key)),
    release: (key) => dueList.release(key),
    nextAt: () => dueList.nextAt(),
    pending: (key) => actions.get(key),
  }
}
