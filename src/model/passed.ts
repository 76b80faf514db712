import type { Failure } from './failure.js'
import type { RepoName } from './repo-name.js'

/**
 * `passed`: success was posted. `unchanged`: it was there before. `coordinated`: the pull request is part of a change. `shared-head`: its head is
 * also the head of a pull request of a change, which success would unlock (law 4). `closed`: it is not open. `other-repository`: the repository
 * is not part of the graph. `auth`: another token would help.
 */
export type PassResult =
  | { kind: 'passed' | 'unchanged'; headSha: string }
  | { kind: 'coordinated'; headSha: string; branch: string }
  | { kind: 'shared-head'; headSha: string; other: number }
  | { kind: 'closed' | 'other-repository' }
  | { kind: 'failed' | 'auth'; failure: Failure }

/** The result of `orch pass`. */
export interface Passed {
  repo: RepoName
  number: number
  result: PassResult
}
