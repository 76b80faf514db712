import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { nodeId, timestamp } from './common.js'

/** The URLs below that of a repository, as templates. */
const URL_TEMPLATES: Record<string, string> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
}

/** Returns the URL of a repository in the REST API. */
export function repositoryUrl(world: World, repository: Repository): string {
  return `${world.apiUrl()}/repos/${world.directory.fullName(repository)}`
}

/** Returns the URL of a repository's web page. */
export function repositoryPage(world: World, repository: Repository): string {
  return `${world.webUrl()}/${world.directory.fullName(repository)}`
}

/** `minimal-repository` of GitHub's OpenAPI description. */
export function presentMinimalRepository(world: World, repository: Repository): Record<string, unknown> {
  const url = repositoryUrl(world, repository)
  const page = repositoryPage(world, repository)
  const { description, parentId, ownerId } = repository
  return minimal.of(repository, [url, page, repository.private, description, parentId, ownerId], () => ({
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: world.directory.fullName(repository),
    private: repository.private,
    owner: presentAccount(world, world.directory.accountById(ownerId)),
    html_url: page,
    description,
    fork: parentId !== null,
    url,
    ...Object.fromEntries(Object.entries(URL_TEMPLATES).map(([name, path]) => [name, `${url}${path}`])),
  }))
}

/** The repositories as they were shown last: nearly every answer contains one, which is made again only if something in it has changed. */
class Shown {
  readonly #last = new WeakMap<Repository, { parts: readonly unknown[]; shown: Record<string, unknown> }>()

  /** `parts` are all values that the result of `make` depends on and that can change. */
  of(repository: Repository, parts: readonly unknown[], make: () => Record<string, unknown>): Record<string, unknown> {
    const last = this.#last.get(repository)
    if (last?.parts.every((part, index) => part === parts[index])) return last.shown
    const shown = Object.freeze(make())
    this.#last.set(repository, { parts, shown })
    return shown
  }
}

const minimal = new Shown()
const listed = new Shown()

/** `repository` of GitHub's OpenAPI description, as lists of repositories and pull requests contain it. */
export function presentRepository(world: World, repository: Repository): Record<string, unknown> {
  const page = repositoryPage(world, repository)
  const forks = world.directory.forksOf(repository).length
  const issues = [...repository.pulls.values()].filter((pull) => pull.state === 'open').length
  const base = presentMinimalRepository(world, repository)
  const { defaultBranch, archived, topics, updatedAt, pushedAt } = repository
  return listed.of(repository, [base, forks, issues, defaultBranch, archived, topics, updatedAt, pushedAt], () => ({
    ...base,
    git_url: `${page}.git`.replace(/^https?:/, 'git:'),
    ssh_url: `git@localhost:${world.directory.fullName(repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    topics: [...topics],
    visibility: repository.private ? 'private' : 'public',
    default_branch: defaultBranch,
    archived,
    disabled: false,
    is_template: false,
    has_issues: false,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    allow_forking: true,
    web_commit_signoff_required: false,
    forks,
    forks_count: forks,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    open_issues: issues,
    open_issues_count: issues,
    size: 0,
    created_at: timestamp(repository.createdAt),
    updated_at: timestamp(updatedAt),
    pushed_at: timestamp(pushedAt),
  }))
}

/** `full-repository` of GitHub's OpenAPI description. `permissions` are those of the requesting user. */
export function presentFullRepository(
  world: World,
  repository: Repository,
  permissions: Record<string, boolean> | null,
): Record<string, unknown> {
  const parent = repository.parentId === null ? undefined : world.directory.state.repositories.get(repository.parentId)
  const upstream = parent === undefined ? {} : forkOf(presentRepository(world, parent))
  return {
    ...presentRepository(world, repository),
    ...(permissions !== null && { permissions }),
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: false,
    allow_auto_merge: repository.allowsAutoMerge === true,
    delete_branch_on_merge: false,
    network_count: world.directory.forksOf(repository).length,
    subscribers_count: 0,
    ...upstream,
  }
}

function forkOf(parent: Record<string, unknown>): Record<string, unknown> {
  return { parent, source: parent }
}
