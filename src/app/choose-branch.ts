import { branchNameProblem } from '../model/branch-name.js'
import { matchesBranches } from '../model/branch-pattern.js'
import type { Graph } from '../model/graph.js'
import type { Result } from './problem.js'
import { stop, usageProblem } from './problem.js'

export interface ChooseBranchOptions {
  graph: Graph
  /** The branch that the user named; undefined: none. */
  named: string | undefined
  /** The branch that is checked out here; null: none. Called only where no branch is named. */
  currentBranch: () => Promise<string | null>
}

/** The branch of the change: the one named, else the current one. Git accepts its name and `branches` matches it. */
export async function chooseBranch({ graph, named, currentBranch }: ChooseBranchOptions): Promise<Result<string>> {
  if (named !== undefined) return checkBranch(graph, named)
  const current = await currentBranch()
  if (current !== null) return checkBranch(graph, current)
  const why = 'no branch was named, and the working directory is not on one (no git repository, or a detached head)'
  return stop(usageProblem('no branch is given', why, `Name the branch: orch run ${exampleBranch(graph)}`))
}

/** Whether a branch can be the branch of a change. */
export function checkBranch(graph: Graph, branch: string): Result<string> {
  const problem = branchNameProblem(branch)
  if (problem !== undefined) {
    const message = `"${branch}" is not a valid branch name`
    return stop(usageProblem(message, `git refuses it: ${problem}`, 'Check its spelling.'))
  }
  if (!matchesBranches(graph.branches, branch)) {
    const message = `${branch} is not the branch of a coordinated change`
    const why = `\`branches\` in the graph file matches only ${graph.branches.join(', ')}`
    const meant = meantBranch(graph, branch)
    const example = exampleBranch(graph)
    const other = example === placeholder ? 'Name a branch that they match' : `Name a branch such as ${example}`
    const remedy = meant === null ? `${other}, or widen \`branches\`.` : `Did you mean ${meant}?`
    return stop(usageProblem(message, why, remedy))
  }
  return { ok: true, value: branch }
}

/** The branch of a change that is meant by the name of a ref or of a remote branch, or in another case; null: none. */
function meantBranch({ branches }: Graph, branch: string): string | null {
  const local = branch.replace(/^(?:refs\/heads\/|refs\/remotes\/[^/]+\/|origin\/|upstream\/)/u, '')
  return [local, local.toUpperCase(), local.toLowerCase()].find((name) => matchesBranches(branches, name)) ?? null
}

/** Shown where no branch can be given as an example. */
const placeholder = '<branch>'

/** A branch that `branches` matches; where no pattern is plain enough to make one: a placeholder. */
export function exampleBranch({ branches }: Graph): string {
  const candidates = branches.map((pattern) => pattern.replace(/\*+/gu, '1122'))
  const isExample = (name: string): boolean =>
    /^[\w./-]+$/u.test(name) && branchNameProblem(name) === undefined && matchesBranches(branches, name)
  return candidates.find(isExample) ?? placeholder
}
