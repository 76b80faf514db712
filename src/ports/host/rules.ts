import type { BranchRules } from '../../model/branch-rules.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** Reads what a pull request needs before it can be merged. Expected failures are values; a rejection is a bug. */
export interface Rules {
  /** The active rules of a branch: those of rulesets, and the required statuses of its classic protection. */
  readBranchRules(repo: RepoName, branch: string): Promise<Read<BranchRules>>
  /** Who may bypass a ruleset, each worded for a reader; null: GitHub shows it only to a token that may change the ruleset. */
  readBypassActors(repo: RepoName, rulesetId: number): Promise<Read<string[] | null>>
  /** Whether pull requests may be set to merge by themselves; null: the server or the token has no GraphQL, which alone shows it. */
  allowsAutoMerge(repo: RepoName): Promise<Read<boolean | null>>
}
