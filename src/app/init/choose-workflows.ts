import type { RepoName } from '../../model/repo-name.js'
import type { ReadRepository } from './read-repositories.js'

/** Names that say that a workflow builds or tests, best first. Any other one could release or deploy something. */
const buildNames = ['build', 'ci', 'test', 'tests', 'main'].flatMap((name) => [`${name}.yml`, `${name}.yaml`])

export interface ChosenWorkflows {
  /** For the repositories that are not in `own`. */
  shared: string
  own: ReadonlyMap<RepoName, string>
  /** About the repositories that have no workflow to dispatch. */
  notes: readonly string[]
}

/** The workflow of each repository that builds it, by its name. */
export function chooseWorkflows(repositories: readonly ReadRepository[]): ChosenWorkflows {
  const found = new Map(
    repositories.map(({ repo, dispatchable }) => [repo, buildNames.find((name) => dispatchable.includes(name))]),
  )
  const counts = buildNames.map((name) => [...found.values()].filter((each) => each === name).length)
  const shared = buildNames[counts.indexOf(Math.max(...counts))] ?? 'build.yml'
  const own = [...found].flatMap(([repo, name]) =>
    name === undefined || name === shared ? [] : [[repo, name] as const],
  )
  const without = repositories.filter(({ repo }) => found.get(repo) === undefined)
  return { shared, own: new Map(own), notes: without.map((each) => noteOf(each, shared)) }
}

function noteOf({ repo, dispatchable }: ReadRepository, shared: string): string {
  const remedy = `add "on: workflow_dispatch" to the workflow that builds it, and name it with "workflow" unless it is ${shared}`
  const others = dispatchable.length === 0 ? '' : ` (only ${dispatchable.join(', ')}, which may do something else)`
  return `${repo}: no build workflow can be dispatched${others}: ${remedy}`
}
