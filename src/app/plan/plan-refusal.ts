import { counted } from '../../lib/counted.js'
import { didYouMean, editDistance } from '../../lib/did-you-mean.js'
import type { Planning } from '../../engine/build/plan/plan.js'
import type { MissingWorkflow, PlanProblem } from '../../engine/build/plan/plan-problem.js'
import type { FailureKind } from '../../model/failure.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import type { Host } from '../../ports/host/host.js'
import type { Problem } from '../problem.js'
import { failureProblem } from '../problem.js'

export interface RefusedChange {
  host: Host
  graph: Graph
  branch: string
}

/** The reason why a change was not planned, and the remedy. Names branches with a similar name where the branch does not exist. */
export async function explainRefusal(
  change: RefusedChange,
  planning: Exclude<Planning, { kind: 'planned' }>,
): Promise<Problem[]> {
  if (planning.kind !== 'refused') return [unsettledProblem(planning.reason)]
  return Promise.all(joinAlike(planning.problems).map((problem) => toProblem(change, problem)))
}

function unsettledProblem(reason: string): Problem {
  return {
    kind: 'failed',
    message: `the change cannot be planned: ${reason}`,
    why: 'GitHub has not updated the pull request to the branch, which normally takes seconds',
    remedy: 'Try again in a minute. If that does not help, push to the branch again.',
  }
}

const reasons: Record<PlanProblem['kind'], string> = {
  usage: 'a run needs a branch and jobs that can run',
  unreadable: 'it is not known whether it has the branch, so it cannot be skipped',
  repository: 'every member of the change must build and be merged',
  workflow: 'GitHub would refuse the dispatch, or the build could not work',
  'default-branch': '`without-branch: build` builds it, because the repository does not have the branch',
  'head-shared': 'a commit status belongs to the commit, so success would unlock that one too',
  stacked: 'it contains the other change, which is not tested with it and may be merged later or never',
  'near-miss': 'git tells them apart, so the repository would be skipped although it was probably meant',
  'merged-everywhere': 'every repository was read, and its default branch has what the branch would add',
  'absent-everywhere': 'every repository was read, and none has the branch',
}

/** The kinds for which the command line, or the branch that it names, has to change. */
const usageKinds: ReadonlySet<PlanProblem['kind']> = new Set([
  'usage',
  'absent-everywhere',
  'merged-everywhere',
  'near-miss',
  'stacked',
  'default-branch',
])

/** Failures of GitHub, the network or the token as a whole, not of the one repository that was read. */
const general: ReadonlySet<FailureKind> = new Set([
  'unauthorized',
  'rate-limited',
  'server-error',
  'network',
  'timeout',
])

/** One problem for all repositories that cannot be read for the same general reason: a hundred equal problems would hide it. */
function joinAlike(problems: readonly PlanProblem[]): PlanProblem[] {
  const groups = new Map<string, PlanProblem[]>()
  for (const [index, problem] of problems.entries()) {
    const { kind, failure } = problem
    const isGeneral = kind === 'unreadable' && failure !== null && general.has(failure.kind)
    const key = isGeneral ? `${failure.kind}: ${failure.message}` : String(index)
    groups.set(key, [...(groups.get(key) ?? []), problem])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first?.failure || group.length === 1) return group
    const named = group.flatMap(({ repo }) => repo ?? [])
    const more = named.length > 3 ? ` and ${named.length - 3} more` : ''
    const message = `${named.slice(0, 3).join(', ')}${more} could not be read: ${first.failure.message}`
    return [{ ...first, repo: null, message }]
  })
}

async function toProblem(change: RefusedChange, problem: PlanProblem): Promise<Problem> {
  const { kind, message, failure } = problem
  if (failure) return failureProblem({ ...failure, message, remedy: failure.remedy ?? problem.remedy })
  const isUsage = usageKinds.has(kind)
  const near = problem.missing
    ? await similarWorkflow(change.host, problem.missing)
    : kind === 'absent-everywhere'
      ? await similarBranches(change)
      : ''
  return { kind: isUsage ? 'usage' : 'failed', message, why: reasons[kind], remedy: `${near}${problem.remedy}` }
}

/** A sentence that names a workflow file that may be meant, such as `build.yaml` for `build.yml`; empty: there is none. */
async function similarWorkflow(host: Host, { repo, workflow, sha }: MissingWorkflow): Promise<string> {
  const files = await host.listWorkflowFiles(repo, sha)
  const suggestion = files.ok ? didYouMean(workflow, files.value) : undefined
  return suggestion === undefined ? '' : `${suggestion.charAt(0).toUpperCase()}${suggestion.slice(1)} `
}

/** Sentences that name branches with a similar name, over all repositories; empty: there is none. */
async function similarBranches({ host, graph, branch }: RefusedChange): Promise<string> {
  const prefix = /^[^0-9]{2,}/u.exec(branch)?.[0] ?? ''
  const lists = await Promise.all(repositoriesOf(graph).map((repo) => host.listBranches(repo, prefix)))
  const limit = Math.max(3, Math.ceil(branch.length / 3))
  const near = [...new Set(lists.flatMap((list) => (list.ok ? list.value : [])))]
    .map((name) => ({ name, distance: editDistance(name.toLowerCase(), branch.toLowerCase(), limit) }))
    .filter(({ distance }) => distance < limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 5)
  const unread = lists.filter(({ ok }) => !ok).length
  const note = unread > 0 ? `(The branches of ${counted(unread, 'repository')} could not be listed.) ` : ''
  return near.length > 0 ? `Did you mean ${near.map(({ name }) => name).join(', ')}? ${note}` : note
}
