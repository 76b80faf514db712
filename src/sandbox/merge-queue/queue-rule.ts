import { rulesForBranch } from '../core/rules.js'
import type { Account, Repository } from '../state/model.js'
import type { World } from '../world.js'

const BOT = 'github-merge-queue[bot]'

/** The parameters of a `merge_queue` rule that have an effect here. */
export interface QueueRule {
  method: 'merge' | 'squash'
  maxEntriesToBuild: number
  checkResponseTimeoutMs: number
}

/** Returns the merge queue of a branch; null if it has none, or one that rebases, which the sandbox does not support. */
export function queueRuleOf(repository: Repository, branch: string): QueueRule | null {
  const found = rulesForBranch(repository, branch).find(({ rule }) => rule.type === 'merge_queue')
  if (found === undefined) return null
  const parameters = found.rule.parameters ?? {}
  if (parameters.merge_method === 'REBASE') return null
  const numberOf = (name: string, ifAbsent: number): number => {
    const value = parameters[name]
    return typeof value === 'number' ? value : ifAbsent
  }
  return {
    method: parameters.merge_method === 'SQUASH' ? 'squash' : 'merge',
    maxEntriesToBuild: numberOf('max_entries_to_build', 5),
    checkResponseTimeoutMs: numberOf('check_response_timeout_minutes', 60) * 60_000,
  }
}

/** Returns the account in whose name a merge queue acts. */
export function queueBot(world: World): Account {
  return world.directory.account(BOT) ?? world.directory.addAccount(BOT, 'Bot', world.clock.now())
}
