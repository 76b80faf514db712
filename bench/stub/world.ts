import { createHash } from 'node:crypto'

/** Options of the stub's world: one change on one branch of many repositories. */
export interface WorldOptions {
  /** ms since the epoch, UTC. */
  now: () => number
  owner?: string
  /** Names of the repositories. */
  repositories: readonly string[]
  /** The repositories that have the branch and an open pull request; by default all. */
  members?: readonly string[]
  /** Time for which the nth run of the world waits for its runner, ms. */
  queueMs?: (nth: number) => number
  /** Time for which the nth run of the world then builds, ms. */
  buildMs: (nth: number) => number
}

export interface Repository {
  id: number
  owner: string
  name: string
  mainSha: string
  /** SHA of the head of the change's branch; null without the branch. */
  headSha: string | null
  /** Number of the open pull request. */
  pullNumber: number
  runs: Run[]
  /** Statuses by SHA, oldest first. */
  statuses: Map<string, CommitStatus[]>
}

export interface CommitStatus {
  id: number
  sha: string
  state: string
  context: string
  description: string | null
  targetUrl: string | null
  createdAt: number
}

/** A workflow run. Its state depends only on the time: queued, then in progress, then completed. */
export interface Run {
  id: number
  repository: Repository
  workflow: string
  branch: string
  headSha: string
  createdAt: number
  startsAt: number
  endsAt: number
  conclusion: string
}

export interface RunState {
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  updatedAt: number
}

export const branch = 'DPTA-1'
export const login = 'builder'
export const workflowName = 'build.yml'
export const workflowText = `name: build
on:
  workflow_dispatch:
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make
`

/** Run IDs start above 2^31, as on github.com. */
const firstRunId = 21_000_000_000

export class World {
  readonly repositories: readonly Repository[]
  /** In the order of their dispatch. */
  readonly runs: Run[] = []
  /** In the order of their arrival. */
  readonly posted: CommitStatus[] = []
  readonly now: () => number
  private readonly options: WorldOptions
  private readonly byName: Map<string, Repository>

  constructor(options: WorldOptions) {
    this.options = options
    this.now = options.now
    const { owner = 'acme', repositories, members = repositories } = options
    const isMember = new Set(members)
    this.repositories = repositories.map((name, index) => ({
      id: 1000 + index,
      owner,
      name,
      mainSha: shaOf(`${owner}/${name} main`),
      headSha: isMember.has(name) ? shaOf(`${owner}/${name} ${branch}`) : null,
      pullNumber: 7,
      runs: [],
      statuses: new Map(),
    }))
    this.byName = new Map(this.repositories.map((each) => [`${each.owner}/${each.name}`.toLowerCase(), each]))
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.byName.get(`${owner}/${name}`.toLowerCase())
  }

  /** Pushes a commit to the branch of every member. */
  push(): void {
    for (const each of this.repositories) if (each.headSha !== null) each.headSha = shaOf(`after ${each.headSha}`)
  }

  /** Returns the SHA of a branch by its short or full name; null if there is none. */
  headOf(repository: Repository, ref: string): string | null {
    const name = ref.replace(/^refs\/heads\/|^heads\//u, '')
    if (name === 'main') return repository.mainSha
    return name === branch ? repository.headSha : null
  }

  /** Returns the SHA of a branch, or the given SHA if the repository has such a commit. */
  commitOf(repository: Repository, refOrSha: string): string | null {
    const isKnown = refOrSha === repository.mainSha || refOrSha === repository.headSha
    return isKnown ? refOrSha : this.headOf(repository, refOrSha)
  }

  dispatch(repository: Repository, workflow: string, ref: string): Run | null {
    const headSha = this.headOf(repository, ref)
    if (headSha === null) return null
    const nth = this.runs.length
    const createdAt = this.now()
    const startsAt = createdAt + (this.options.queueMs?.(nth) ?? 1_500)
    const run: Run = {
      id: firstRunId + nth,
      repository,
      workflow,
      branch: ref.replace(/^refs\/heads\//u, ''),
      headSha,
      createdAt,
      startsAt,
      endsAt: startsAt + this.options.buildMs(nth),
      conclusion: 'success',
    }
    repository.runs.push(run)
    this.runs.push(run)
    return run
  }

  run(id: number): Run | undefined {
    return this.runs[id - firstRunId]
  }

  /** Returns whether the run could be cancelled. */
  cancel(run: Run): boolean {
    if (this.stateOf(run).status === 'completed') return false
    run.endsAt = this.now()
    run.conclusion = 'cancelled'
    return true
  }

  stateOf(run: Run): RunState {
    const now = this.now()
    if (now >= run.endsAt) return { status: 'completed', conclusion: run.conclusion, updatedAt: run.endsAt }
    if (now >= run.startsAt) return { status: 'in_progress', conclusion: null, updatedAt: run.startsAt }
    return { status: 'queued', conclusion: null, updatedAt: run.createdAt }
  }

  post(repository: Repository, status: Omit<CommitStatus, 'id' | 'createdAt'>): CommitStatus {
    const posted = { ...status, id: 40_000_000_000 + this.posted.length, createdAt: this.now() }
    this.posted.push(posted)
    const ofCommit = repository.statuses.get(status.sha) ?? []
    ofCommit.push(posted)
    repository.statuses.set(status.sha, ofCommit)
    return posted
  }

  /** Newest first. */
  statusesOf(repository: Repository, sha: string): CommitStatus[] {
    return [...(repository.statuses.get(sha) ?? [])].reverse()
  }

  /** Returns the newest status of each context, in the order of the first status of each. */
  newestStatuses(repository: Repository, sha: string): CommitStatus[] {
    const byContext = new Map<string, CommitStatus>()
    for (const status of repository.statuses.get(sha) ?? []) byContext.set(status.context.toLowerCase(), status)
    return [...byContext.values()]
  }
}

/** Returns the text of a file at a commit; null if there is none. Every commit contains only the workflow file. */
export function textOf(path: string): string | null {
  return path === `.github/workflows/${workflowName}` ? workflowText : null
}

export function shaOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

/** Formats a time like GitHub, in whole seconds. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
