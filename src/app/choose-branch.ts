import { branchNameProblem } from '../model/branch-name.js'
import { matchesBranches } from '../model/branch-pattern.js'
import type { Graph } from '../model/graph.js'
import type { Context } from '../cli/process/context.js'
import type { Result } from './problem.js'
import { stop, usageProblem } from './problem.js'

/** The branch of the change: the one named, else the current one of git. It is a name that git takes and that `branches` matches. */
export async function chooseBranch(context: Context, graph: Graph, named: string | undefined): Promise<Result<string>> {
  if (named !== undefined) return checkBranch(graph, named)
  const current = await context.readProgram('git', ['symbolic-ref', '--quiet', '--short', 'HEAD'])
  if (current === null || current.trim() === '') {
    const why = 'no branch was named, and the working directory is not on one (no git repository, or a detached head)'
    return stop(usageProblem('which change?', why, `Name the branch: orch run ${exampleOf(graph)}`))
  }
  return checkBranch(graph, current.trim())
}

/** Whether this branch may be a change. */
export function checkBranch(graph: Graph, branch: string): Result<string> {
  const problem = branchNameProblem(branch)
  if (problem !== undefined) {
    return stop(usageProblem(`"${branch}" is not a branch name`, `git refuses it: ${problem}`, 'Check its spelling.'))
  }
  if (!matchesBranches(graph.branches, branch)) {
    const patterns = graph.branches.join(', ')
    const why = `\`branches\` in the graph file matches only ${patterns}`
    return stop(
      usageProblem(
        `${branch} is not the branch of a coordinated change`,
        why,
        `Name a branch such as ${exampleOf(graph)}, or widen \`branches\`.`,
      ),
    )
  }
  return { ok: true, value: branch }
}

function exampleOf({ branches }: Graph): string {
  return (branches[0] ?? 'DPTA-*').replace(/\*+/gu, '1122')
}
