import type { AppClient } from '../../github/app/app-client.js'
import type { App, Installation } from '../../github/app/app-payload.js'
import { describePermission } from '../../github/api/permissions.js'
import { failureProblem, type Problem } from '../../app/problem.js'
import { repoKey, splitRepo, type RepoName } from '../../model/repo-name.js'
import { missingPermissions, type AppPermission } from './app-permissions.js'
import type { Installations } from './installations.js'

/** What a GitHub App lacks for the repositories of a graph. */
export interface InstallationCheck {
  /** What the service cannot work without. */
  problems: readonly Problem[]
  /** What it leaves out for lack of an optional permission, one sentence each. */
  notes: readonly string[]
}

export interface CheckInstallationsOptions {
  client: Pick<AppClient, 'hasRepository'>
  installations: Pick<Installations, 'find'>
  app: App
  repositories: readonly RepoName[]
}

/** Checks that the App is installed on every repository, with every permission. Finds all problems at once. */
export async function checkInstallations(options: CheckInstallationsOptions): Promise<InstallationCheck> {
  const owners = new Map<string, RepoName[]>()
  for (const repo of options.repositories) {
    const { owner } = splitRepo(repo)
    const known = owners.get(owner.toLowerCase())
    if (known) known.push(repo)
    else owners.set(owner.toLowerCase(), [repo])
  }
  const checks = await Promise.all([...owners.values()].map((repositories) => checkOwner(options, repositories)))
  return { problems: checks.flatMap(({ problems }) => problems), notes: checks.flatMap(({ notes }) => notes) }
}

/** @param repositories at least one, all of the same owner */
async function checkOwner(
  { client, installations, app }: CheckInstallationsOptions,
  repositories: readonly RepoName[],
): Promise<InstallationCheck> {
  const { owner } = splitRepo(repositories[0] ?? '')
  const found = await installations.find(owner)
  if (!found.ok) return { problems: [failureProblem(found.failure)], notes: [] }
  const installation = found.value
  const missing = missingPermissions(installation.permissions)
  const necessary = missing.filter(({ isOptional }) => !isOptional)
  const hidden = await findHidden(client, installation, repositories)
  return {
    problems: [
      ...(necessary.length === 0 ? [] : [lacksPermissions(app, installation, necessary)]),
      ...(hidden.repos.length === 0 ? [] : [lacksRepositories(app, installation, hidden.repos)]),
      ...hidden.problems,
    ],
    notes: missing
      .filter(({ isOptional }) => isOptional)
      .map(
        (permission) =>
          `On ${owner} the GitHub App ${app.slug} lacks ${describe(permission)}: the service does without.`,
      ),
  }
}

/** The repositories that the installation does not include. */
async function findHidden(
  client: CheckInstallationsOptions['client'],
  { repositories: selection }: Installation,
  repositories: readonly RepoName[],
): Promise<{ repos: RepoName[]; problems: Problem[] }> {
  if (selection === 'all') return { repos: [], problems: [] }
  const each = await Promise.all(repositories.map(async (repo) => ({ repo, read: await client.hasRepository(repo) })))
  const failures = each.flatMap(({ read }) => (read.ok ? [] : [read.failure]))
  return {
    repos: each.flatMap(({ repo, read }) => (read.ok && !read.value ? [repo] : [])),
    // All of them fail for the same reason.
    problems: failures.slice(0, 1).map(failureProblem),
  }
}

function lacksPermissions(app: App, { account, url }: Installation, missing: readonly AppPermission[]): Problem {
  return {
    kind: 'auth',
    message: `the GitHub App ${app.slug} lacks permissions on ${account}: ${missing.map(describe).join(', ')}`,
    why: 'the service cannot build a change without them',
    remedy: `Add them in the settings of the App (${app.url}), then accept them: ${url}`,
  }
}

function lacksRepositories(app: App, { account, url }: Installation, repos: readonly RepoName[]): Problem {
  const names = [...new Map(repos.map((repo) => [repoKey(repo), repo])).values()]
  return {
    kind: 'auth',
    message: `the installation of the GitHub App ${app.slug} on ${account} does not include ${names.join(', ')}`,
    why: 'the graph file names them, and their builds cannot be read or started',
    remedy: `Add them to the installation, or check their names: ${url}`,
  }
}

function describe({ name, access, purpose }: AppPermission): string {
  return `${describePermission(`${name}=${access}`)} (for ${purpose})`
}
