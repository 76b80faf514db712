import type { RepositoryRead } from '../../model/change.js'
import type { Failure } from '../../model/failure.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import type { RepositorySetup, SetupPullRequest, UnreadableSetup } from '../../model/setup.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { planRemoval, planSetup } from './plan-setup.js'
import type { SetupReading } from './plan-setup.js'
import type { SetupHost } from './setup-host.js'
import { madeFiles } from './templates.js'
import type { MadeFile } from './templates.js'

/** The branch of the pull request that adds the files. */
export const setupBranch = 'orch-setup'
/** The branch of the pull request that removes them. */
export const removalBranch = 'orch-setup-removal'

export interface ReadSetupOptions {
  host: SetupHost
  graph: Graph
  /** The repository that holds the graph file; null: not known. */
  orchestrator: RepoName | null
  isRemoval: boolean
}

/** What is to be done in each repository, and those that could not be read. */
export interface SetupPlan {
  repositories: readonly RepositorySetup[]
  unreadable: readonly UnreadableSetup[]
}

type One = { kind: 'planned'; setup: RepositorySetup } | ({ kind: 'unreadable' } & UnreadableSetup)

/** Reads what is there, and decides what is to be done. Changes nothing. */
export async function readSetup(options: ReadSetupOptions): Promise<SetupPlan> {
  const { graph, orchestrator, isRemoval } = options
  const made = everyRepository(graph, orchestrator).map((repo) => ({
    repo,
    files: madeFiles(graph, repo, orchestrator),
  }))
  const [onSetup, onRemoval] = await Promise.all([
    readBranch(options, made, setupBranch),
    isRemoval ? readBranch(options, made, removalBranch) : null,
  ])
  const all = await Promise.all(
    made.map(async ({ repo, files }, index): Promise<One> => {
      const [setup, removal] = [onSetup[index], onRemoval?.[index]]
      if (!setup) throw new Error(`${repo} was not read`)
      if (setup.kind === 'unreadable') return { kind: 'unreadable', repo, failure: setup.failure }
      if (removal?.kind === 'unreadable') return { kind: 'unreadable', repo, failure: removal.failure }
      return readOne(options, { files, setup, removal: removal ?? null })
    }),
  )
  return {
    repositories: all.flatMap((one) => (one.kind === 'planned' ? [one.setup] : [])),
    unreadable: all.flatMap((one) => (one.kind === 'unreadable' ? [{ repo: one.repo, failure: one.failure }] : [])),
  }
}

function everyRepository(graph: Graph, orchestrator: RepoName | null): RepoName[] {
  const repositories = repositoriesOf(graph)
  const isNew = orchestrator !== null && !repositories.some((repo) => repoKey(repo) === repoKey(orchestrator))
  return isNew ? [...repositories, orchestrator] : repositories
}

/** The files as they are on the default branch and on the branch of a pull request of ours. */
function readBranch(
  { host, graph }: ReadSetupOptions,
  made: readonly { repo: RepoName; files: readonly MadeFile[] }[],
  branch: string,
): ReturnType<SetupHost['readChange']> {
  const repositories = made.map(({ repo, files }) => {
    return { repo, workflows: files.map(({ path }) => nameOf(path)), buildsDefaultBranch: true }
  })
  return host.readChange({ branch, statusContext: graph.statusContext, repositories })
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

interface Branches {
  files: readonly MadeFile[]
  setup: RepositoryRead
  /** null: it is not a removal. */
  removal: RepositoryRead | null
}

async function readOne({ host, graph }: ReadSetupOptions, { files, setup, removal }: Branches): Promise<One> {
  const { repo, defaultBranch, defaultBranchSha } = setup
  const unreadable = (failure: Failure): One => ({ kind: 'unreadable', repo, failure })
  if (setup.isArchived) return unreadable(problem('archived', `${repo} is archived`, 'unarchive it in its settings'))
  if (defaultBranchSha === null)
    return unreadable(problem('not-found', `${repo} is empty`, 'push a first commit to it'))
  const { statusContext } = graph
  const [rules, ruleset] = await Promise.all([
    host.readBranchRules(repo, defaultBranch),
    host.findStatusRuleset(repo, { name: statusContext, context: statusContext }),
  ])
  if (!rules.ok) return unreadable(rules.failure)
  if (!ruleset.ok) return unreadable(ruleset.failure)
  const context = statusContext.toLowerCase()
  const reading: SetupReading = {
    repo,
    defaultBranch,
    defaultBranchSha,
    files,
    setup: branchOf(setup),
    removal: removal && branchOf(removal),
    defaultTexts: textsOf(setup, 'atDefaultBranch'),
    isInGraph: repositoriesOf(graph).some((each) => repoKey(each) === repoKey(repo)),
    isRequired: rules.value.requiredStatuses.some((each) => each.context.toLowerCase() === context),
    ruleset: ruleset.value,
  }
  return { kind: 'planned', setup: removal === null ? planSetup(reading) : planRemoval(reading) }
}

function problem(kind: Failure['kind'], message: string, remedy: string): Failure {
  return { kind, message, remedy }
}

function branchOf(reading: RepositoryRead): NonNullable<SetupReading['removal']> {
  const open = reading.pullRequests.find(({ baseRef }) => baseRef === reading.defaultBranch)
  const pullRequest: SetupPullRequest | null = open ? { number: open.number, url: open.url } : null
  return { exists: reading.headSha !== null, pullRequest, texts: textsOf(reading, 'atHead') }
}

function textsOf({ workflows }: RepositoryRead, at: 'atHead' | 'atDefaultBranch'): ReadonlyMap<string, string> {
  return new Map(
    workflows.flatMap((file) => {
      const text = file[at]
      return text === null ? [] : [[`.github/workflows/${file.workflow}`, text] as const]
    }),
  )
}
