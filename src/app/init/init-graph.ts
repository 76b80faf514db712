import { sortJobs } from '../../model/graph.js'
import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Repositories } from '../../ports/host/repositories.js'
import { stop } from '../problem.js'
import type { Result } from '../problem.js'
import { chooseRepositories, interrupted } from './choose-repositories.js'
import type { RepositoryChoice } from './choose-repositories.js'
import { chooseWorkflows } from './choose-workflows.js'
import { draftGraph } from './draft-graph.js'
import { proposeNeeds } from './propose-needs.js'
import type { Questions } from './questions.js'
import { readRepositories } from './read-repositories.js'
import type { ReadRepository } from './read-repositories.js'
import { splitCycles } from './split-cycles.js'
import type { SplitNeeds } from './split-cycles.js'

export interface InitPorts {
  host: Repositories
  /** Null: nobody can be asked; what was not named is taken as proposed. */
  questions: Questions | null
}

export interface InitRequest {
  choice: RepositoryChoice
  /** Patterns; null: not named. */
  branches: readonly string[] | null
  /** Address of the JSON Schema of the graph file. */
  schema: string
}

export interface InitializedGraph {
  owner: string
  /** Of the graph file. */
  text: string
  graph: Graph
  /** What was found in the repositories, whether or not the user took it. */
  proposal: SplitNeeds
  /** Sentences for the user about what could not be read or is missing. */
  notes: readonly string[]
}

/** Chooses repositories, reads how they name each other, and drafts a graph file. Writes nothing. */
export async function initGraph(ports: InitPorts, request: InitRequest): Promise<Result<InitializedGraph>> {
  const chosen = await chooseRepositories(ports, request.choice)
  if (!chosen.ok) return chosen
  const read = await readRepositories(ports.host, chosen.value.repositories)
  if (!read.ok) return read
  const repositories = read.value.map(({ repo }) => repo)
  const proposed = proposeNeeds(read.value)
  const proposal = splitCycles(repositories, proposed)
  const needs = await chooseNeeds(ports.questions, repositories, proposal)
  if (needs === null) return stop(interrupted)
  const branches = await chooseBranches(ports.questions, request.branches, read.value)
  if (branches === null) return stop(interrupted)
  const workflows = chooseWorkflows(read.value)
  const { owner } = chosen.value
  const { schema } = request
  const draft = draftGraph({ owner, branches, repositories, ...needs, proposed, workflows, schema })
  if (!draft.ok) return draft
  const notes = [...read.value.flatMap((each) => each.notes), ...workflows.notes]
  return { ok: true, value: { owner, ...draft.value, proposal, notes } }
}

type TakenNeeds = Pick<Parameters<typeof draftGraph>[0], 'needs' | 'leftOut'>

/** The needs to write; null: the user stopped. Asks again as long as the answer has a cycle. */
async function chooseNeeds(
  questions: Questions | null,
  repositories: readonly RepoName[],
  proposal: SplitNeeds,
): Promise<TakenNeeds | null> {
  const { needs, leftOut } = proposal
  if (!questions || repositories.length === 1) return { needs, leftOut }
  for (let cycle: readonly RepoName[] | null = null; ;) {
    const answer = await questions.askNeeds(repositories, proposal, cycle)
    if (answer === null) return null
    if (answer === 'proposed') return { needs, leftOut }
    const sorted = sortJobs(repositories.map((repo) => ({ id: repo, needs: answer.get(repo) ?? [] })))
    if (sorted.ok) {
      const chosen = sorted.jobs.flatMap(({ id, needs: all }) => all.map((needed) => ({ dependent: id, needed })))
      return { needs: chosen, leftOut: [] }
    }
    cycle = sorted.cycles[0] ?? null
  }
}

async function chooseBranches(
  questions: Questions | null,
  named: readonly string[] | null,
  repositories: readonly ReadRepository[],
): Promise<readonly string[] | null> {
  if (named) return named
  const initial = defaultBranches(repositories)
  return questions ? questions.askBranches(initial) : initial
}

/** Every branch except the default branches, because a change never is on one. */
function defaultBranches(repositories: readonly ReadRepository[]): string[] {
  const names = new Set(repositories.flatMap(({ defaultBranch }) => defaultBranch ?? []))
  const excluded = [...(names.size === 0 ? ['main'] : names)].sort()
  return ['**', ...excluded.map((name) => `!${name.replaceAll(/[*?+[\]\\!]/gu, String.raw`\$&`)}`)]
}
