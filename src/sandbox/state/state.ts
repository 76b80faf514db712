import type { App, Code, Installation, RefreshToken } from './app-model.js'
import type { Hook } from './hook.js'
import type { Account, AccessToken, PullRequest, Repository, WorkflowRun } from './model.js'

/** The whole state. Every collection that a request searches is a map, so that lookup time does not depend on the number of repositories. */
export interface State {
  nextId: number
  nextRunId: number
  accounts: Map<number, Account>
  tokens: Map<string, AccessToken>
  repositories: Map<number, Repository>
  runs: Map<number, WorkflowRun>
  apps: Map<number, App>
  installations: Map<number, Installation>
  /** Codes that were not redeemed yet. */
  codes: Map<string, Code>
  refreshTokens: Map<string, RefreshToken>
  hooks: Map<number, Hook>
  /** Former `owner/name` in lower case -> repository ID. The map is replaced and never changed, so that a holder keeps the names of that time. */
  formerNames: ReadonlyMap<string, number>
}

const FIRST_ID = 1_000_001
/** Run IDs of github.com exceed 32 bits. These do so too, to expose clients that truncate them. */
const FIRST_RUN_ID = 30_000_000_000

/** Returns a state without accounts, tokens or repositories. */
export function emptyState(): State {
  return {
    nextId: FIRST_ID,
    nextRunId: FIRST_RUN_ID,
    accounts: new Map(),
    tokens: new Map(),
    repositories: new Map(),
    runs: new Map(),
    apps: new Map(),
    installations: new Map(),
    codes: new Map(),
    refreshTokens: new Map(),
    hooks: new Map(),
    formerNames: new Map(),
  }
}

/** Indexes of a `State` by the names that requests use. Its methods must be called whenever such a name changes. */
export class Directory {
  readonly state: State
  readonly #ids: Pick<State, 'nextId' | 'nextRunId'>
  readonly #accountByLogin = new Map<string, Account>()
  readonly #repositoryByName = new Map<string, Repository>()
  readonly #runByJob = new Map<number, WorkflowRun>()
  readonly #forks = new Map<number, Set<number>>()
  readonly #runsByHead = new Map<string, Set<WorkflowRun>>()
  readonly #pullById = new Map<number, { base: Repository; pull: PullRequest }>()
  readonly #openPullsByHead = new Map<string, Set<string>>()
  readonly #openPullsByBase = new Map<string, Set<number>>()

  /** `ids` assigns new IDs. For an earlier state it is the present state. */
  constructor(state: State, ids: Pick<State, 'nextId' | 'nextRunId'> = state) {
    this.state = state
    this.#ids = ids
    for (const account of state.accounts.values()) this.#accountByLogin.set(account.login.toLowerCase(), account)
    for (const repository of state.repositories.values()) {
      this.#indexRepository(repository)
      for (const pull of repository.pulls.values()) this.indexPull(repository, pull)
    }
    for (const run of state.runs.values()) this.#indexRun(run)
  }

  /** Returns a new ID for any object except a run. */
  newId(): number {
    return this.#ids.nextId++
  }

  newRunId(): number {
    return this.#ids.nextRunId++
  }

  account(login: string): Account | undefined {
    return this.#accountByLogin.get(login.toLowerCase())
  }

  accountById(id: number): Account {
    const account = this.state.accounts.get(id)
    if (account === undefined) throw new Error(`no account has the id ${id}`)
    return account
  }

  addAccount(login: string, type: Account['type'], now: number): Account {
    const account: Account = { id: this.newId(), login, type, createdAt: now }
    this.state.accounts.set(account.id, account)
    this.#accountByLogin.set(login.toLowerCase(), account)
    return account
  }

  /** Returns `owner/name` in the case in which the repository was created. */
  fullName(repository: Repository): string {
    return `${this.accountById(repository.ownerId).login}/${repository.name}`
  }

  /** Returns the repository with this current name. */
  repository(owner: string, name: string): Repository | undefined {
    return this.#repositoryByName.get(`${owner}/${name}`.toLowerCase())
  }

  /** Returns the repository that had this name before a rename. */
  renamedRepository(owner: string, name: string): Repository | undefined {
    const id = this.state.formerNames.get(`${owner}/${name}`.toLowerCase())
    return id === undefined ? undefined : this.state.repositories.get(id)
  }

  addRepository(repository: Repository): void {
    this.state.repositories.set(repository.id, repository)
    this.#indexRepository(repository)
    this.#keepFormerName(this.fullName(repository), null)
  }

  renameRepository(repository: Repository, name: string): void {
    const former = this.fullName(repository)
    this.#repositoryByName.delete(former.toLowerCase())
    repository.name = name
    this.#repositoryByName.set(this.fullName(repository).toLowerCase(), repository)
    this.#keepFormerName(former, repository.id)
    this.#keepFormerName(this.fullName(repository), null)
  }

  /** Removes a repository. Pull requests from it lose their head repository. Returns the repository that it was forked from, if it exists. */
  removeRepository(repository: Repository): Repository | undefined {
    this.#repositoryByName.delete(this.fullName(repository).toLowerCase())
    this.state.repositories.delete(repository.id)
    for (const id of repository.runIds) this.#removeRun(id)
    for (const pull of repository.pulls.values()) this.#pullById.delete(pull.id)
    const parent = repository.parentId === null ? undefined : this.state.repositories.get(repository.parentId)
    if (parent === undefined) return undefined
    setMember(this.#forks, parent.id, repository.id, false)
    for (const pull of parent.pulls.values()) {
      if (pull.headRepositoryId === repository.id) pull.headRepositoryId = null
    }
    return parent
  }

  forksOf(repository: Repository): Repository[] {
    const ids = this.#forks.get(repository.id) ?? new Set()
    return [...ids].flatMap((id) => this.state.repositories.get(id) ?? [])
  }

  addRun(run: WorkflowRun): void {
    this.state.runs.set(run.id, run)
    this.state.repositories.get(run.repositoryId)?.runIds.push(run.id)
    this.#indexRun(run)
  }

  /** Returns the runs of a commit, oldest first. */
  runsWithHead(repository: Repository, sha: string): WorkflowRun[] {
    return [...(this.#runsByHead.get(`${repository.id}:${sha}`) ?? [])]
  }

  /** Adds the jobs of a run to the index by ID. */
  indexJobs(run: WorkflowRun): void {
    for (const attempt of run.attempts) for (const job of attempt.jobs) this.#runByJob.set(job.id, run)
  }

  runOfJob(jobId: number): WorkflowRun | undefined {
    return this.#runByJob.get(jobId)
  }

  /** Indexes an open pull request by head and base. Must be called whenever its state, head or base has changed. */
  indexPull(base: Repository, pull: PullRequest): void {
    const open = pull.state === 'open'
    this.#pullById.set(pull.id, { base, pull })
    if (pull.headRepositoryId !== null) {
      const key = `${pull.headRepositoryId}:${pull.headRef}`
      setMember(this.#openPullsByHead, key, `${base.id}:${pull.number}`, open)
    }
    setMember(this.#openPullsByBase, `${base.id}:${pull.baseRef}`, pull.number, open)
  }

  /** Must be called before the base of a pull request changes. */
  unindexBase(base: Repository, pull: PullRequest): void {
    setMember(this.#openPullsByBase, `${base.id}:${pull.baseRef}`, pull.number, false)
  }

  pullById(id: number): { base: Repository; pull: PullRequest } | undefined {
    return this.#pullById.get(id)
  }

  /** Returns the open pull requests of any repository whose head is this branch. */
  openPullsWithHead(repository: Repository, branch: string): { base: Repository; pull: PullRequest }[] {
    return [...(this.#openPullsByHead.get(`${repository.id}:${branch}`) ?? [])].flatMap((key) => {
      const [repositoryId, number] = key.split(':').map(Number)
      const base = this.state.repositories.get(repositoryId ?? -1)
      const pull = base?.pulls.get(number ?? -1)
      return base && pull ? [{ base, pull }] : []
    })
  }

  /** Returns the open pull requests of a repository into this branch. */
  openPullsWithBase(repository: Repository, branch: string): PullRequest[] {
    const numbers = this.#openPullsByBase.get(`${repository.id}:${branch}`) ?? new Set()
    return [...numbers].flatMap((number) => repository.pulls.get(number) ?? [])
  }

  #keepFormerName(name: string, id: number | null): void {
    const names = new Map(this.state.formerNames)
    if (id !== null) names.set(name.toLowerCase(), id)
    else if (!names.delete(name.toLowerCase())) return
    this.state.formerNames = names
  }

  #indexRun(run: WorkflowRun): void {
    setMember(this.#runsByHead, `${run.repositoryId}:${run.headSha}`, run, true)
    this.indexJobs(run)
  }

  #removeRun(id: number): void {
    const run = this.state.runs.get(id)
    this.state.runs.delete(id)
    if (run !== undefined) setMember(this.#runsByHead, `${run.repositoryId}:${run.headSha}`, run, false)
  }

  #indexRepository(repository: Repository): void {
    this.#repositoryByName.set(this.fullName(repository).toLowerCase(), repository)
    if (repository.parentId !== null) setMember(this.#forks, repository.parentId, repository.id, true)
  }
}

function setMember<Key, Member>(index: Map<Key, Set<Member>>, key: Key, member: Member, present: boolean): void {
  const members = index.get(key) ?? new Set()
  if (present) members.add(member)
  else members.delete(member)
  if (members.size > 0) index.set(key, members)
  else index.delete(key)
}
