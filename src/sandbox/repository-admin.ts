import { moveRef } from './core/branches.js'
import { putEnvironment } from './core/environments.js'
import { personOf } from './present/account.js'
import { createRepository, forkRepository, isLogin, isRepositoryName, isTopic } from './core/repositories.js'
import { branchSha } from './core/revisions.js'
import { currentAttempt } from './core/runs.js'
import type { FileChanges } from './git/git-store.js'
import { isRefName, isTreePath } from './git/git-store.js'
import type { Account, Repository } from './state/model.js'
import type { World } from './world.js'

/** The part of `SandboxAdmin` that manages repositories, their branches and files. */
export class RepositoryAdmin {
  protected readonly world: World
  protected readonly developer: Account

  /** `developer` is the actor of operations that name no other actor. */
  constructor(world: World, developer: Account) {
    this.world = world
    this.developer = developer
  }

  /** Creates a repository without commits. Its owner is created as an organization if it does not exist. */
  async createRepository(
    name: string,
    options: { private?: boolean; defaultBranch?: string; description?: string } = {},
  ): Promise<void> {
    const { owner, short } = this.#newName(name)
    await createRepository(this.world, { owner, name: short, ...options })
  }

  /** Creates a fork with all branches of `parent`. Its owner is created as a user if it does not exist. */
  async forkRepository(parent: string, fork: string): Promise<void> {
    const { owner, short } = this.#newName(fork, 'User')
    await forkRepository(this.world, this.repository(parent), owner, short)
  }

  hasRepository(name: string): boolean {
    const [owner = '', short = ''] = name.split('/')
    return this.world.directory.repository(owner, short) !== undefined
  }

  /** Returns the names of all repositories as `owner/name`, oldest first. */
  repositories(): string[] {
    const { directory } = this.world
    return [...directory.state.repositories.values()].map((repository) => directory.fullName(repository))
  }

  /**
   * Commits files to a branch (text, bytes, or null to remove) and returns the SHA. A branch that does not exist starts from the default branch. With
   * `orphan`, or in an empty repository, it starts without a parent.
   */
  async commit(
    name: string,
    branch: string,
    files: FileChanges,
    options: { message?: string; author?: string; orphan?: boolean } = {},
  ): Promise<string> {
    const repository = this.repository(name)
    const ref = this.#branchRef(branch)
    const wrong = Object.keys(files).find((path) => !isTreePath(path))
    if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is not a path that git can hold`)
    const author = this.account(options.author)
    const present = await branchSha(this.world, repository, branch)
    const start = options.orphan === true ? null : (present ?? (await this.#defaultSha(repository)))
    const sha = await this.world.git.commit(repository.id, start === null ? [] : [start], files, {
      message: options.message ?? `Change ${Object.keys(files).join(', ')}`,
      author: personOf(author),
      time: this.world.clock.now(),
    })
    await this.#move(repository, { ref, sha, expected: present })
    return sha
  }

  /** Creates a branch at a SHA or at another branch. An existing branch is moved there, even if that is not a fast-forward. */
  async moveBranch(name: string, branch: string, to: string): Promise<void> {
    const repository = this.repository(name)
    const sha = (await branchSha(this.world, repository, to)) ?? to
    await this.#move(repository, { ref: this.#branchRef(branch), sha })
  }

  async deleteBranch(name: string, branch: string): Promise<void> {
    await this.#move(this.repository(name), { ref: this.#branchRef(branch), sha: null })
  }

  /** Returns the SHA of a branch, or null. */
  branch(name: string, branch: string): Promise<string | null> {
    return branchSha(this.world, this.repository(name), branch)
  }

  /** Returns the text of a file at a branch or SHA, or null. */
  async file(name: string, at: string, path: string): Promise<string | null> {
    const repository = this.repository(name)
    const sha = (await branchSha(this.world, repository, at)) ?? at
    const file = await this.world.git.readFile(repository.id, sha, path)
    return file === null ? null : Buffer.from(file.content).toString('utf8')
  }

  /** Renames a repository within its owner. Requests for the old name are redirected. */
  renameRepository(name: string, newName: string): void {
    const repository = this.repository(name)
    if (!isRepositoryName(newName)) throw new Error(`${JSON.stringify(newName)} is not a name for a repository`)
    this.world.directory.renameRepository(repository, newName)
    this.world.changed(repository)
  }

  /** Deletes a repository. Pull requests from a deleted fork lose their head repository. None of its runs may be in progress. */
  deleteRepository(name: string): void {
    const repository = this.repository(name)
    for (const hook of this.world.webhooks.hooksOf({ type: 'repository', id: repository.id })) {
      this.world.webhooks.removeHook(hook)
    }
    const parent = this.world.directory.removeRepository(repository)
    this.world.changed(repository, ...(parent === undefined ? [] : [parent]))
  }

  /** Archives or unarchives a repository. */
  archiveRepository(name: string, archived = true): void {
    const repository = this.repository(name)
    repository.archived = archived
    this.world.changed(repository)
  }

  /** Allows or forbids auto-merge. The sandbox only reports the setting: it merges nothing by itself. */
  allowAutoMerge(name: string, allowed = true): void {
    const repository = this.repository(name)
    repository.allowsAutoMerge = allowed
    this.world.changed(repository)
  }

  /** Replaces the topics of a repository. */
  setTopics(name: string, topics: readonly string[]): void {
    const repository = this.repository(name)
    const wrong = topics.find((topic) => !isTopic(topic))
    if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is not a topic that GitHub would take`)
    repository.topics = [...topics]
    this.world.changed(repository)
  }

  /** Creates an environment or replaces its rules: one of `reviewers` (logins, created if they do not exist) must approve each deployment. */
  setEnvironment(name: string, environment: string, rules: { reviewers?: string[]; waitTimer?: number } = {}): void {
    const { directory, clock } = this.world
    const accounts = (rules.reviewers ?? []).map(
      (login) => directory.account(login) ?? directory.addAccount(login, 'User', clock.now()),
    )
    const reviewerIds = accounts.map(({ id }) => id)
    putEnvironment(this.world, this.repository(name), environment, { reviewerIds, waitTimer: rules.waitTimer ?? 0 })
  }

  /** Approves or rejects all deployments that a run waits for, as an administrator may do for every reviewer (`by`: an existing login). */
  reviewDeployments(
    runId: number,
    state: 'approved' | 'rejected',
    { by = 'developer', comment = '' }: { by?: string; comment?: string } = {},
  ): void {
    const run = this.world.directory.state.runs.get(runId)
    const pending = run && currentAttempt(run).pendingDeployments
    if (run === undefined || pending === undefined || pending.length === 0) {
      throw new Error(`no deployment of the workflow run ${runId} waits for a review`)
    }
    const reviewer = this.world.directory.account(by)
    if (reviewer === undefined) throw new Error(`there is no user ${by}`)
    const environmentIds = pending.map(({ environmentId }) => environmentId)
    this.world.runs.review(run, { environmentIds, state, userId: reviewer.id, comment })
  }

  #newName(name: string, type: Account['type'] = 'Organization'): { owner: Account; short: string } {
    const [login = '', short = '', ...more] = name.split('/')
    if (!isLogin(login) || !isRepositoryName(short) || more.length > 0) {
      throw new Error(`${JSON.stringify(name)} is not owner/name of a repository`)
    }
    if (this.hasRepository(name)) throw new Error(`the repository ${name} already exists`)
    const { directory, clock } = this.world
    return { owner: directory.account(login) ?? directory.addAccount(login, type, clock.now()), short }
  }

  protected repository(name: string): Repository {
    const [owner = '', short = ''] = name.split('/')
    const repository = this.world.directory.repository(owner, short)
    if (repository === undefined) throw new Error(`there is no repository ${name}`)
    return repository
  }

  protected account(login: string | undefined): Account {
    if (login === undefined) return this.developer
    const account = this.world.directory.account(login)
    if (account === undefined) throw new Error(`there is no account ${login}`)
    return account
  }

  #branchRef(branch: string): string {
    const ref = `refs/heads/${branch}`
    if (!isRefName(ref)) throw new Error(`${JSON.stringify(branch)} is not a name for a branch`)
    return ref
  }

  #defaultSha(repository: Repository): Promise<string | null> {
    return branchSha(this.world, repository, repository.defaultBranch)
  }

  async #move(
    repository: Repository,
    move: { ref: string; sha: string | null; expected?: string | null },
  ): Promise<void> {
    if (await moveRef(this.world, repository, this.developer, move)) return
    throw new Error(
      `${this.world.directory.fullName(repository)}: ${move.ref} could not be moved to ${move.sha ?? 'nothing'}`,
    )
  }
}
