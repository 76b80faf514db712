import type { RepoName } from '../../model/repo-name.js'
import type { SplitNeeds } from './split-cycles.js'

/** The needs of each repository, as the user chose them. */
export type ChosenNeeds = ReadonlyMap<RepoName, readonly RepoName[]>

/** Asks the user. Each answer is null if the user stopped. */
export interface Questions {
  /** The owner of the repositories. */
  askOwner(): Promise<string | null>
  /** At least one of the repositories of an owner. */
  askRepositories(owner: string, repositories: readonly RepoName[]): Promise<readonly RepoName[] | null>
  /**
   * Which repositories need which. `proposed`: the user wants what was proposed.
   * @param cycle what made the last answer impossible, as `[a, b, a]`; null: this is the first question
   */
  askNeeds(
    repositories: readonly RepoName[],
    proposal: SplitNeeds,
    cycle: readonly RepoName[] | null,
  ): Promise<ChosenNeeds | 'proposed' | null>
  /** Patterns of branches, at least one. */
  askBranches(initial: readonly string[]): Promise<readonly string[] | null>
}
