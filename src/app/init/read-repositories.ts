import { isManifest, readManifests } from '../../config/manifests/read-manifests.js'
import type { Manifest } from '../../config/manifests/manifest.js'
import { readWorkflowTriggers } from '../../config/workflow-file.js'
import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Repositories, RepositoryFiles } from '../../ports/host/repositories.js'
import { failureProblem, usageProblem } from '../problem.js'
import type { Problem, Result } from '../problem.js'

/** What the default branch of a repository says about the graph. */
export interface ReadRepository {
  /** As GitHub spells it. */
  repo: RepoName
  defaultBranch: string | null
  manifests: readonly { file: string; manifest: Manifest }[]
  /** The workflows that can be dispatched, by their file names. */
  dispatchable: readonly string[]
  /** What could not be read, for the user. */
  notes: readonly string[]
}

/** Reads the repositories; a problem for each that cannot be read. */
export async function readRepositories(
  host: Pick<Repositories, 'readFiles'>,
  repositories: readonly RepoName[],
): Promise<Result<readonly ReadRepository[]>> {
  const readings = await host.readFiles(repositories, isManifest)
  const failures = readings.flatMap(({ read }) => (read.ok ? [] : [read.failure]))
  const archived = readings.flatMap(({ read }) => (read.ok && read.value.isArchived ? [read.value.repo] : []))
  const problems = [...onceEach(failures).map(problemOf), ...archived.map(archivedProblem)]
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: readings.flatMap(({ read }) => (read.ok ? [toRepository(read.value)] : [])) }
}

/** A query for many repositories fails for all of them with the same words. */
function onceEach(failures: readonly Failure[]): Failure[] {
  return [...new Map(failures.map((failure) => [failure.message, failure])).values()]
}

/** A repository that does not exist was named wrongly. */
function problemOf(failure: Failure): Problem {
  const problem = failureProblem(failure)
  return failure.kind === 'not-found' || failure.kind === 'renamed' ? { ...problem, kind: 'usage' } : problem
}

function archivedProblem(repo: RepoName): Problem {
  return usageProblem(`${repo} is archived`, 'it is read-only, so it cannot change', 'Leave it out, or unarchive it.')
}

function toRepository({ repo, defaultBranch, files }: RepositoryFiles): ReadRepository {
  const texts = new Map(files.flatMap(({ path, text }) => (text === null ? [] : [[path, text] as const])))
  const readings = readManifests(texts)
  const unread = files.filter(({ text }) => text === null).map(({ path }) => `${path} is too large, or not text`)
  const wrong = readings.flatMap(({ file, reading }) => (reading.ok ? [] : [`${file}: ${reading.problem}`]))
  const none = defaultBranch === null ? ['it has no commit yet'] : []
  const workflows = [...texts].filter(([path]) => path.startsWith(workflowFolder))
  return {
    repo,
    defaultBranch,
    manifests: readings.flatMap(({ file, reading }) => (reading.ok ? [{ file, manifest: reading.manifest }] : [])),
    dispatchable: workflows
      .filter(([, text]) => readWorkflowTriggers(text).kind === 'dispatchable')
      .map(([path]) => path.slice(workflowFolder.length)),
    notes: [...none, ...unread, ...wrong].map((note) => `${repo}: ${note}`),
  }
}

const workflowFolder = '.github/workflows/'
