import type { PullRequest } from '../state/model.js'
import type { PageArguments } from './connection.js'
import type { PullSource } from './sources.js'

/** The arguments of a connection of pull requests. */
export interface PullArguments extends PageArguments {
  states?: PullState[]
  headRefName?: string
  baseRefName?: string
  orderBy?: { field: 'CREATED_AT' | 'UPDATED_AT'; direction: 'ASC' | 'DESC' }
}

export type PullState = 'OPEN' | 'CLOSED' | 'MERGED'

export function stateOf(pull: PullRequest): PullState {
  if (pull.mergedAt !== null) return 'MERGED'
  return pull.state === 'open' ? 'OPEN' : 'CLOSED'
}

/** Returns the requested pull requests in the requested order. As on GitHub, `headRefName` does not restrict the repository of the head. */
export function chosenPulls(pulls: PullSource[], args: PullArguments): PullSource[] {
  const { states, headRefName, baseRefName, orderBy } = args
  const chosen = pulls.filter(({ pull }) => {
    if (states !== undefined && !states.includes(stateOf(pull))) return false
    if (headRefName !== undefined && pull.headRef !== headRefName) return false
    return baseRefName === undefined || pull.baseRef === baseRefName
  })
  const time = (pull: PullRequest): number => (orderBy?.field === 'UPDATED_AT' ? pull.updatedAt : pull.createdAt)
  chosen.sort((a, b) => time(a.pull) - time(b.pull) || a.pull.id - b.pull.id)
  return orderBy?.direction === 'DESC' ? chosen.reverse() : chosen
}
