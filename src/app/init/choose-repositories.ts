import { listed } from '../../lib/listed.js'
import { compilePattern } from '../../model/branch-pattern.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import type { ListedRepository, Repositories } from '../../ports/host/repositories.js'
import { failureProblem, stop, usageProblem } from '../problem.js'
import type { Problem, Result } from '../problem.js'
import type { Questions } from './questions.js'

/** The repositories of a graph, as the user named them. */
export interface RepositoryChoice {
  /** Default owner; null: not named. */
  owner: string | null
  /** `name` or `owner/name`; null: not named. */
  names: readonly string[] | null
  /** All repositories of an owner, of which the name matches `glob` and that have the topic; null: not asked for. */
  from: { owner: string; glob: string | null; topic: string | null } | null
}

export interface ChosenRepositories {
  owner: string
  repositories: readonly RepoName[]
}

export interface ChoosePorts {
  host: Pick<Repositories, 'listRepositories'>
  /** Null: nobody can be asked. */
  questions: Questions | null
}

/** Names and owners are valid. */
export async function chooseRepositories(
  ports: ChoosePorts,
  choice: RepositoryChoice,
): Promise<Result<ChosenRepositories>> {
  if (choice.from) return chooseFrom(ports, choice.from)
  if (choice.names) return chooseNamed(choice.owner, choice.names)
  return ports.questions ? ask(ports.host, ports.questions, choice.owner) : stop(missing(choice.owner))
}

function missing(owner: string | null): Problem {
  const why = 'there is no terminal to ask on, or --yes was given'
  return owner === null
    ? usageProblem('the owner of the repositories is missing', why, 'Give --owner and --repos, or --from-org.')
    : usageProblem(`the repositories of ${owner} are missing`, why, `Give --repos, or --from-org ${owner} for all.`)
}

function chooseNamed(owner: string | null, names: readonly string[]): Result<ChosenRepositories> {
  const without = names.find((name) => !name.includes('/'))
  if (owner === null && without !== undefined) {
    const why = 'a name without a slash belongs to the owner that --owner names'
    return stop(usageProblem(`${without} has no owner`, why, `Give --owner, or write owner/${without}.`))
  }
  const repositories = names.map((name) => (name.includes('/') ? name : `${owner ?? ''}/${name}`))
  return {
    ok: true,
    value: { owner: owner ?? repositories[0]?.split('/')[0] ?? '', repositories: onceEach(repositories) },
  }
}

/** GitHub compares names without case. */
function onceEach(repositories: readonly RepoName[]): RepoName[] {
  const seen = new Set<string>()
  return repositories.filter((repo) => !seen.has(repoKey(repo)) && seen.add(repoKey(repo)))
}

async function chooseFrom(
  { host }: ChoosePorts,
  { owner, glob, topic }: NonNullable<RepositoryChoice['from']>,
): Promise<Result<ChosenRepositories>> {
  const listing = await list(host, owner)
  if (!listing.ok) return listing
  const matching = glob === null ? listing.value : listing.value.filter(matchesGlob(glob))
  if (matching.length === 0 && glob !== null) {
    const names = listing.value.map(({ repo }) => repo.split('/')[1] ?? repo)
    const why = 'archived repositories and forks are left out'
    return stop(usageProblem(`no repository of ${owner} matches ${glob}`, why, `There are ${listed(names)}.`))
  }
  const chosen = topic === null ? matching : matching.filter((each) => each.topics.includes(topic.toLowerCase()))
  if (chosen.length === 0 && topic !== null) {
    const topics = [...new Set(matching.flatMap((each) => each.topics))].sort()
    const why = topics.length === 0 ? 'none of them has any topic' : `their topics are ${listed(topics)}`
    const remedy = 'Add the topic on the pages of the repositories, or give --repos.'
    return stop(usageProblem(`no repository of ${owner} has the topic ${topic}`, why, remedy))
  }
  return { ok: true, value: { owner, repositories: chosen.map(({ repo }) => repo) } }
}

/** `*` matches any characters, as in a branch pattern; case does not count. */
function matchesGlob(glob: string): (listed: ListedRepository) => boolean {
  const pattern = compilePattern(glob.toLowerCase())
  return ({ repo }) => pattern.ok && pattern.matches(repoKey(repo).split('/')[1] ?? '')
}

/** The repositories of an owner that can take part in changes. At least one. */
async function list(host: ChoosePorts['host'], owner: string): Promise<Result<readonly ListedRepository[]>> {
  const read = await host.listRepositories(owner)
  if (!read.ok) {
    const problem = failureProblem(read.failure)
    return stop(read.failure.kind === 'not-found' ? { ...problem, kind: 'usage' } : problem)
  }
  const usable = read.value.filter(({ isArchived, isFork }) => !isArchived && !isFork)
  if (usable.length > 0) return { ok: true, value: usable }
  const why =
    read.value.length === 0
      ? 'GitHub lists none for this token'
      : `all ${read.value.length} that GitHub lists are archived or forks`
  const remedy = 'Check the name and the token, or name the repositories with --repos.'
  return stop(usageProblem(`${owner} has no repositories to build`, why, remedy))
}

async function ask(
  host: ChoosePorts['host'],
  questions: Questions,
  named: string | null,
): Promise<Result<ChosenRepositories>> {
  const owner = named ?? (await questions.askOwner())
  if (owner === null) return stop(interrupted)
  const listing = await list(host, owner)
  if (!listing.ok) return listing
  const names = listing.value.map(({ repo }) => repo)
  const repositories = await questions.askRepositories(owner, names)
  return repositories === null ? stop(interrupted) : { ok: true, value: { owner, repositories } }
}

export const interrupted: Problem = {
  kind: 'interrupted',
  message: 'stopped',
  why: 'the questions were not answered, and nothing was written',
  remedy: 'Run it again, or give the answers as flags: orch init --help',
}
