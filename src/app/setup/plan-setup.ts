import type { FileStep, RepositorySetup, RulesetStep, SetupFile, SetupPullRequest } from '../../model/setup.js'
import type { RepoName } from '../../model/repo-name.js'
import type { FoundRuleset } from '../../ports/host/setup.js'
import { isMadeByOrch, isUnedited } from './templates.js'
import type { MadeFile } from './templates.js'

/** A branch of ours. */
interface OurBranch {
  exists: boolean
  /** Its open pull request; null: none. */
  pullRequest: SetupPullRequest | null
  /** By path. */
  texts: ReadonlyMap<string, string>
}

/** What is there in one repository. */
export interface SetupReading {
  repo: RepoName
  defaultBranch: string
  defaultBranchSha: string
  /** The files as orch makes them. */
  files: readonly MadeFile[]
  setup: OurBranch
  /** null: it is not a removal. */
  removal: OurBranch | null
  /** The texts on the default branch, by path. */
  defaultTexts: ReadonlyMap<string, string>
  /** Whether orch posts the status there, because the graph has a job in it. */
  isInGraph: boolean
  /** Whether any rule of the default branch requires the status. */
  isRequired: boolean
  /** The ruleset of our name; null: none. */
  ruleset: FoundRuleset | null
}

/** What is missing in a repository. */
export function planSetup(reading: SetupReading): RepositorySetup {
  const { setup } = reading
  const files = reading.files.map((made) => fileOf(reading, made, stepOfMissing(reading, made)))
  return {
    ...common(reading),
    files,
    ruleset: missingRuleset(reading),
    branch: branchState(setup, isUntouched(reading)),
    pullRequest: setup.pullRequest,
    closes: null,
  }
}

/** What orch made in a repository and nobody has changed since. */
export function planRemoval(reading: SetupReading): RepositorySetup {
  const { removal, setup } = reading
  return {
    ...common(reading),
    files: reading.files.map((made) => fileOf(reading, made, stepOfMade(reading, made))),
    ruleset: rulesetToRemove(reading),
    branch: removal === null ? 'absent' : branchState(removal, true),
    pullRequest: removal?.pullRequest ?? null,
    closes: isUntouched(reading) ? setup.pullRequest : null,
  }
}

function common({
  repo,
  defaultBranch,
  defaultBranchSha,
  ruleset,
}: SetupReading): Omit<RepositorySetup, 'files' | 'ruleset' | 'branch' | 'pullRequest' | 'closes'> {
  return { repo, defaultBranch, defaultBranchSha, rulesetId: ruleset?.id ?? null }
}

/** Without a pull request, a branch that nobody has changed is only a leftover. */
function branchState({ exists, pullRequest }: OurBranch, isUnchanged: boolean): RepositorySetup['branch'] {
  if (!exists) return 'absent'
  return pullRequest === null && isUnchanged ? 'stale' : 'usable'
}

function fileOf(reading: SetupReading, { path, text }: MadeFile, step: FileStep): SetupFile {
  const { defaultTexts, setup, removal } = reading
  const isOnBranch = removal === null ? setup.texts.has(path) : removal.exists && !removal.texts.has(path)
  return { path, step, before: defaultTexts.get(path) ?? null, made: text, isOnBranch }
}

/** What a file is that differs from what orch makes. */
function stepOfOther({ isReplaceable }: MadeFile, present: string): FileStep {
  if (isReplaceable || !isMadeByOrch(present)) return 'own'
  return isUnedited(present) ? 'outdated' : 'edited'
}

function stepOfMissing({ defaultTexts, setup }: SetupReading, made: MadeFile): FileStep {
  const { path, text } = made
  const present = defaultTexts.get(path)
  if (present === text) return 'present'
  if (present !== undefined) return stepOfOther(made, present)
  const proposed = setup.texts.get(path)
  if (proposed === undefined) return 'add'
  if (!isUnedited(proposed)) return 'edited'
  // The pull request may have been closed by hand.
  return setup.pullRequest === null ? 'add' : 'proposed'
}

function stepOfMade({ defaultTexts, removal }: SetupReading, made: MadeFile): FileStep {
  const { path } = made
  const present = defaultTexts.get(path)
  if (present === undefined) return 'absent'
  if (!isUnedited(present)) return stepOfOther(made, present)
  const isProposed = removal !== null && removal.pullRequest !== null && !removal.texts.has(path)
  return isProposed ? 'proposed' : 'remove'
}

function missingRuleset({ isInGraph, isRequired, ruleset }: SetupReading): RulesetStep {
  if (isRequired) return 'present'
  // Nothing would ever unlock a pull request there.
  if (!isInGraph) return 'absent'
  return ruleset === null ? 'create' : 'edited'
}

function rulesetToRemove({ ruleset, isRequired }: SetupReading): RulesetStep {
  if (ruleset === null) return isRequired ? 'own' : 'absent'
  return ruleset.isUnchanged ? 'remove' : 'edited'
}

/** Whether the branch of the setup adds nothing but what orch made. */
function isUntouched({ files, setup, defaultTexts }: SetupReading): boolean {
  return files.every(({ path, text }) => {
    const present = setup.texts.get(path) ?? text
    return isUnedited(present) || present === defaultTexts.get(path)
  })
}
