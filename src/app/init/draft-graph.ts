import { renderGraphFile } from '../../config/init/graph-file-text.js'
import type { DraftNeed, GraphDraft } from '../../config/init/graph-file-text.js'
import { chooseJobIds } from '../../config/init/job-ids.js'
import { parseGraphFile } from '../../config/graph-file.js'
import { counted } from '../../lib/counted.js'
import { sortJobs } from '../../model/graph.js'
import type { Graph } from '../../model/graph.js'
import type { ProposedNeed } from '../../model/proposed-need.js'
import type { RepoName } from '../../model/repo-name.js'
import { stop, usageProblem } from '../problem.js'
import type { Result } from '../problem.js'
import type { ChosenWorkflows } from './choose-workflows.js'

/** The decisions that a graph file is written from. `needs` is acyclic. */
export interface GraphDecisions {
  owner: string
  branches: readonly string[]
  repositories: readonly RepoName[]
  needs: readonly { dependent: RepoName; needed: RepoName }[]
  /** Needs that are written as comments. */
  leftOut: readonly ProposedNeed[]
  /** Where the needs come from. */
  proposed: readonly ProposedNeed[]
  workflows: ChosenWorkflows
  /** Address of the JSON Schema. */
  schema: string
}

const statusContext = 'orchestrator-build'

/** The text of the graph file, and the graph that is read from it. */
export function draftGraph(decisions: GraphDecisions): Result<{ text: string; graph: Graph }> {
  const text = renderGraphFile(toDraft(decisions), decisions.schema)
  const parsed = parseGraphFile(text)
  if (parsed.ok) return { ok: true, value: { text, graph: parsed.graph } }
  const [first] = parsed.diagnostics
  const why = 'the graph file would have this error, and nothing was written'
  return stop(usageProblem(first?.message ?? 'an error', why, `${first?.hint ?? 'change the flags'}.`))
}

function toDraft(decisions: GraphDecisions): GraphDraft {
  const { owner, branches, repositories, needs, leftOut, proposed, workflows } = decisions
  const ids = chooseJobIds(repositories, statusContext)
  const toNeed = (dependent: RepoName, needed: RepoName): DraftNeed => {
    const need = proposed.find((each) => each.dependent === dependent && each.needed === needed)
    return { id: ids.get(needed) ?? needed, comment: need ? describeSources(need) : null }
  }
  const needsOf = (repo: RepoName, of: GraphDecisions['needs']): DraftNeed[] =>
    of.filter(({ dependent }) => dependent === repo).map(({ needed }) => toNeed(repo, needed))
  const jobs = repositories.map((repo) => ({
    id: ids.get(repo) ?? repo,
    repo,
    workflow: workflows.own.get(repo) ?? null,
    needs: needsOf(repo, needs),
    leftOut: needsOf(repo, leftOut),
  }))
  const sorted = sortJobs(jobs.map((job) => ({ ...job, draft: job, needs: job.needs.map(({ id }) => id) })))
  if (!sorted.ok) throw new Error('the needs of a graph that is to be written form a cycle')
  return { owner, branches, statusContext, workflow: workflows.shared, jobs: sorted.jobs.map(({ draft }) => draft) }
}

/** `package.json:12 names @acme/lib, and 2 more lines` */
function describeSources({ sources }: ProposedNeed): string {
  const [first] = sources
  if (!first) throw new Error('a proposed need has no source')
  const more = sources.length === 1 ? '' : `, and ${counted(sources.length - 1, 'more line')}`
  return `${first.file}:${first.line} names ${first.text}${more}`
}
