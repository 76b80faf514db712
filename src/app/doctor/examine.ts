import { withoutMergedBranch } from '../../model/build/merged-branch.js'
import type { RepositoryRead, RepositoryReading } from '../../model/change.js'
import type { Check } from '../../model/check.js'
import { checkIds } from '../../model/check.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { Read } from '../../ports/host/read.js'
import { readAppOfLogin } from '../app-of-login.js'
import { repositoriesWithWorkflows } from '../plan/plan-change.js'
import { checkPermissions, checkPulls, checkRepository, checkToken } from './check-access.js'
import { checkChange } from './check-change.js'
import { checkJobNames } from './check-job-names.js'
import { checkRules } from './check-rules.js'
import type { Poster } from './check-rules.js'
import { checkClock, checkRateLimit, checkServer, isUsedUp } from './check-server.js'
import { checkWorkflows } from './check-workflows.js'
import type { DoctorHost } from './doctor-host.js'
import { failureFinding, found } from './findings.js'

export interface ExamineOptions {
  host: DoctorHost
  clock: Clock
  graph: Graph
  /** The branch of a change; null: only what every change needs is checked. */
  branch: string | null
  /** The mistakes that GitHub's parser finds in a workflow file. */
  checkWorkflow: (workflow: string, text: string) => string[]
}

/** A placeholder for the branch of a change, with a valid name. Its head is not read. */
const anyBranch = 'orch-doctor'

/** Checks on GitHub what a run needs. Changes nothing. What depends on a check that failed is left out. */
export async function examine(options: ExamineOptions): Promise<Check[]> {
  const { host, clock, graph, branch } = options
  const repositories = repositoriesOf(graph)
  const [first = ''] = repositories
  const server = await host.readServer(first)
  if (!server.ok) {
    const id = server.failure.kind === 'unauthorized' ? 'token' : 'server'
    return [found(id, failureFinding(server.failure))]
  }
  const general = [checkServer(server.value), checkRateLimit(server.value), checkClock(clock.now(), host.serverTime())]
  if (isUsedUp(server.value)) return [...general, ...repositories.map(notAsked)]
  const login = await host.login(first)
  if (!login.ok) return [...general, checkToken(login)]
  const poster = { login: login.value, appId: await readAppOfLogin(host, first, login.value) }
  const [readings, pulls] = await Promise.all([read(options), readPulls(options)])
  const change = branch === null ? [] : await checkChange({ host, graph, branch }, readings)
  const each = await Promise.all(
    readings.map((reading, index) => checkOne(options, { poster, reading, pulls: pulls[index] })),
  )
  return inOrder([...general, checkToken(login), ...change, ...each.flat()])
}

function notAsked(repo: RepoName): Check {
  const message = 'nothing was asked, because the rate limit is used up'
  return found('repository', { status: 'unknown', message, fix: 'Check again when the limit is reset.' }, repo)
}

async function read({ host, graph, branch }: ExamineOptions): Promise<RepositoryReading[]> {
  const isNamed = branch !== null
  return host.readChange({
    branch: branch ?? anyBranch,
    statusContext: graph.statusContext,
    repositories: repositoriesWithWorkflows(graph).map((each) => ({ ...each, buildsDefaultBranch: true })),
    membership: isNamed,
    mergeability: isNamed,
    ahead: isNamed,
  })
}

/** The repository as a run of the change sees it. Without a change, or where its branch is merged, only the default branch counts. */
function effective(reading: RepositoryRead, branch: string | null): RepositoryRead {
  if (branch !== null) return withoutMergedBranch(reading)
  return { ...reading, headSha: null, workflows: reading.workflows.map((file) => ({ ...file, atHead: null })) }
}

/** The open pull requests of each repository, of which none is of interest. */
async function readPulls({ host, graph }: ExamineOptions): Promise<Read<unknown>[]> {
  const { statusContext } = graph
  const query = { repositories: repositoriesOf(graph), statusContext, matches: () => false }
  return (await host.readPullRequests(query)).map(({ read: pulls }) => pulls)
}

/** What was read of one repository. */
interface RepositoryFacts {
  poster: Poster
  reading: RepositoryReading
  pulls: Read<unknown> | undefined
}

async function checkOne(options: ExamineOptions, { poster, reading, pulls }: RepositoryFacts): Promise<Check[]> {
  const repository = checkRepository(reading)
  if (reading.kind === 'unreadable' || repository.status !== 'ok' || !pulls) return [repository]
  const readable = await checkReadable(options, poster, effective(reading, options.branch))
  return [repository, checkPulls(reading.repo, pulls), ...readable]
}

async function checkReadable(options: ExamineOptions, poster: Poster, reading: RepositoryRead): Promise<Check[]> {
  const { host, graph, branch, checkWorkflow } = options
  const { repo } = reading
  const checks = await Promise.all([
    checkPermissions(host, reading),
    checkWorkflows({ host, graph, branch: branch ?? anyBranch, checkWorkflow }, reading),
    checkRules({ host, graph, poster }, reading),
    checkJobNames(host, graph, repo).then((check) => [check]),
  ])
  return checks.flat()
}

/** By question, and within it by repository in the order of the graph. */
function inOrder(checks: readonly Check[]): Check[] {
  return checkIds.flatMap((id) => checks.filter((check) => check.id === id))
}
