import { nextReadingAt, waitForGrid } from '../../src/github/runs/poll-schedule.js'
import type { FoundRun } from '../../src/model/build/state/job-state.js'
import type {
  CommitRun,
  ListedStatus,
  EarlierStatus,
  PullRequest,
  PullRequestState,
  RepositoryReading,
  WorkflowState,
} from '../../src/model/change.js'
import type { Failure } from '../../src/model/failure.js'
import { setDigest, shortDigest } from '../../src/model/set-digest.js'
import { readStatusMark } from '../../src/model/status-description.js'
import type { PendingDeployment, RunFailure, WorkflowRun } from '../../src/model/workflow-run.js'
import type {
  CancelResult,
  DispatchRequest,
  DispatchResult,
  ListedRun,
  RerunResult,
  NextReading,
  RunReading,
  RunReadingOptions,
  RunSearch,
} from '../../src/ports/host/builds.js'
import type { ChangeQuery, PullRequestWithStatus, RepositoryQuery } from '../../src/ports/host/changes.js'
import type { Host } from '../../src/ports/host/host.js'
import type { Read } from '../../src/ports/host/read.js'
import type { PostResult, StatusPost } from '../../src/ports/host/statuses.js'
import type { WriteOptions } from '../../src/ports/host/write-options.js'
import type { PromiseClock } from '../support/promise-clock.js'
import type { EarlierBuilds } from './earlier-builds.js'
import { OverwritingLaw } from './overwriting-law.js'

/** The time in which a run waits for an approval, ms, UTC. */
export interface Wait {
  from: number
  /** Infinity: nobody approves it. */
  until: number
}

export interface WorldRun {
  id: number
  repo: string
  headSha: string
  createdAt: number
  startsAt: number
  endsAt: number
  conclusion: string
  cancelledAt: number | null
  ignoresCancel: boolean
  /** GitHub's re-run counter. */
  runAttempt: number
  /** The attempt that a person started last, and when, ms, UTC; absent: none. */
  byHand?: { attempt: number; at: number }
  /** Whether no reading shows the run any more. */
  vanishes: boolean
  /** When listings show it, ms; absent: ten seconds after its creation. */
  listedFrom?: number
  /** When its current attempt waits for an approval. */
  waits: readonly Wait[]
}

export interface WorldRepository {
  repo: string
  headSha: string | null
  /** Head of its default branch, where that is built because the branch was absent when the change was planned; absent: it is not built. */
  builtDefaultSha?: string
  pullRequest: (PullRequest & { state: 'open' | 'closed' | 'merged' }) | null
  statuses: ListedStatus[]
  /** When it got our first status. */
  claimedAt?: number
  /** Until then the pull request still shows the head from before the move. */
  lagsUntil?: number
  /** When somebody changed the base of its pull request, ms, UTC. */
  retargetedAt?: number
  /** Since when its pull request has not been mergeable without a break, ms, UTC. */
  blockedSince?: number
  /** The same, without the times when GitHub only did not know. */
  conflictingSince?: number
  /** Whether an earlier orchestration unlocked it for the current state of the change. */
  isUnlocked?: boolean
  /** Since when its pull request is closed, ms, UTC. */
  closedSince?: number
  /** The number of a closed pull request that the present one replaces. */
  replacedNumber?: number
}

/** The probability of each trouble, 0 to 1. */
export interface Trouble {
  readFails: number
  postFails: number
  dispatchRefused: number
  dispatchAmbiguous: number
  cancelFails: number
  slow: number
}

/** A success that was posted although the law forbids it, or another broken law: one sentence. */
export type Violation = string

/** Head of every default branch until it moves. */
export const defaultSha = 'd'.repeat(40)

/** The shortest interval between the readings of a run in a sparse history, ms: never longer than the longest of the adapter. */
function sparse(elapsedMs: number): number {
  return Math.min(elapsedMs / 8, 60_000)
}

/** A model of GitHub with a test clock, random delays and troubles. It records violations of the laws. */
export class World implements Host {
  readonly runs: WorldRun[] = []
  readonly dispatches: string[] = []
  readonly violations: Violation[] = []
  /** Every change from outside: a move, an invalidation, a closed pull request. */
  lastDisturbance = -Infinity
  /** When a closed pull request was reopened or replaced, ms, UTC. */
  reopenedAt = Infinity
  plannedAt = 0
  plannedMembers: readonly string[] = []
  /** Repositories without the branch whose default branch is built, and which get no status. */
  builtDefaults: readonly string[] = []
  /** The digest of the heads and the bases when the change was planned. */
  plannedDigest = ''
  /** Repositories whose heads must carry our claim before anything is dispatched. */
  targets: readonly string[] = []
  /** Members without a pull request that hold the others. */
  holdsWithout: readonly string[] = []
  /** Whether runs that are read at the same time share one answer, which does not contain their attempts. */
  readsTogether = false
  /** Whether the change is read in one answer, and runs are read rarely. */
  isSparse = false
  /** Whether the graph dispatches again after a lost dispatch, whose run may be listed minutes late. */
  dispatchesAgain = false
  /** Per repository: when the latest success on it failed, ms. */
  private readonly failedSuccesses = new Map<string, number>()
  private requests = 0
  /** When the readings of the whole change began. */
  readonly changeReads: number[] = []
  readonly repositories: Map<string, WorldRepository>
  planRun: (
    repo: string,
  ) => Omit<WorldRun, 'id' | 'repo' | 'headSha' | 'createdAt' | 'cancelledAt' | 'runAttempt'> & { moved?: boolean }
  /** Called with each run that is dispatched. */
  onRun: (run: WorldRun) => void = () => undefined
  /** The records of earlier orchestrations; null: no records are read or written. */
  earlier: EarlierBuilds | null = null
  /** Contexts of the posted job statuses. */
  readonly recorded: string[] = []
  private nextId = 1_000
  private readonly overwriting = new OverwritingLaw()
  private beginSuccess: () => void = () => undefined
  /** Resolves when our first success is posted, right after the reading that allows it. */
  readonly successBegun = new Promise<void>((resolve) => (this.beginSuccess = resolve))
  readonly clock: PromiseClock
  private readonly random: () => number
  trouble: Trouble

  constructor(options: {
    clock: PromiseClock
    random: () => number
    repositories: WorldRepository[]
    trouble: Trouble
    planRun: World['planRun']
  }) {
    this.clock = options.clock
    this.random = options.random
    this.trouble = options.trouble
    this.planRun = options.planRun
    this.repositories = new Map(options.repositories.map((repository) => [repository.repo, repository]))
  }

  disturb(change: () => void): void {
    change()
    this.lastDisturbance = this.clock.now()
  }

  /** Changes the base of a pull request; `state`: and merges it there. */
  retarget(repository: WorldRepository, state: 'open' | 'merged'): void {
    const { pullRequest } = repository
    if (!pullRequest) return
    this.disturb(() => Object.assign(pullRequest, { baseRef: 'next', state }))
    repository.retargetedAt = this.clock.now()
  }

  /** Changes whether the pull request of a repository can be merged; null: it can. */
  block(repository: WorldRepository, kind: 'draft' | 'conflict' | 'unknown' | null): void {
    const { pullRequest } = repository
    if (!pullRequest) return
    pullRequest.isDraft = kind === 'draft'
    pullRequest.mergeability = kind === 'conflict' ? 'conflicting' : kind === 'unknown' ? 'unknown' : 'mergeable'
    if (kind === null) delete repository.blockedSince
    else repository.blockedSince ??= this.clock.now()
    if (kind === null || kind === 'unknown') delete repository.conflictingSince
    else repository.conflictingSince ??= this.clock.now()
  }

  /** A person opens a pull request at the head of the branch; one that is already there was closed before, and is replaced. */
  open(repository: WorldRepository, isDraft = false): void {
    const { repo, headSha, pullRequest } = repository
    if (headSha === null) throw new Error(`${repo} has no branch`)
    if (pullRequest) repository.replacedNumber = pullRequest.number
    delete repository.closedSince
    delete repository.blockedSince
    delete repository.conflictingSince
    const number = (this.nextId += 1)
    repository.pullRequest = openPullRequest(repo, number, { headSha, baseRef: pullRequest?.baseRef ?? 'main' })
    if (isDraft) this.block(repository, 'draft')
  }

  /** A person closes the pull request of a repository, which may be reopened. */
  close(repository: WorldRepository): void {
    if (repository.pullRequest?.state !== 'open') return
    repository.pullRequest.state = 'closed'
    repository.closedSince = this.clock.now()
  }

  /** A person reopens a closed pull request at its head. */
  reopen(repository: WorldRepository): void {
    if (repository.pullRequest?.state !== 'closed') return
    repository.pullRequest.state = 'open'
    delete repository.closedSince
  }

  find(repo: string): WorldRepository {
    const found = this.repositories.get(repo)
    if (!found) throw new Error(`no repository ${repo}`)
    return found
  }

  addStatus(repo: string, state: ListedStatus['state'], description: string): ListedStatus {
    const status = this.createStatus(state, description)
    this.find(repo).statuses.unshift(status)
    return status
  }

  private createStatus(state: ListedStatus['state'], description: string): ListedStatus {
    const id = (this.nextId += 1)
    return {
      id,
      state,
      context: 'orchestrator-build',
      description,
      targetUrl: '',
      creator: 'x',
      createdAt: this.clock.now(),
    }
  }

  async readChange(query: ChangeQuery): Promise<RepositoryReading[]> {
    this.changeReads.push(this.clock.now())
    const together = this.isSparse ? this.latency() : null
    return Promise.all(
      query.repositories.map(async (asked) => {
        await (together ?? this.latency())
        return this.readRepository(asked)
      }),
    )
  }

  private readRepository({ repo, workflows, buildsDefaultBranch }: RepositoryQuery): RepositoryReading {
    if (this.happens('readFails')) return { kind: 'unreadable', repo, failure: serverError(repo) }
    const { headSha, builtDefaultSha, pullRequest, statuses } = this.find(repo)
    const isRead = headSha !== null || buildsDefaultBranch === true
    const text = 'on: workflow_dispatch'
    return {
      kind: 'read',
      repo,
      isArchived: false,
      defaultBranch: 'main',
      defaultBranchSha: builtDefaultSha ?? defaultSha,
      headSha,
      pullRequests: pullRequest?.state === 'open' ? [this.presentPullRequest(repo, pullRequest)] : [],
      sameHead: [],
      // GraphQL returns no status id, the REST API does.
      status:
        headSha === null || !statuses[0]
          ? null
          : { ...statuses[0], ...(this.changeReads.length % 2 ? { id: null } : {}) },
      ...(this.earlier && headSha !== null ? this.earlier.recordsOf(repo) : {}),
      ...(headSha !== null && !pullRequest ? { isAhead: true } : {}),
      workflows: isRead
        ? workflows.map((workflow) => ({
            workflow,
            atHead: headSha === null ? null : text,
            atDefaultBranch: text,
          }))
        : [],
    }
  }

  private presentPullRequest(repo: string, pullRequest: PullRequest): PullRequest {
    const isLagging = this.clock.now() < (this.find(repo).lagsUntil ?? 0)
    return { ...pullRequest, headSha: isLagging ? '0'.repeat(40) : pullRequest.headSha }
  }

  async readPullRequest(repo: string, number: number): Promise<Read<PullRequestState>> {
    await this.latency()
    if (this.happens('readFails')) return { ok: false, failure: serverError(repo) }
    const { pullRequest, replacedNumber } = this.find(repo)
    if (!pullRequest || ![pullRequest.number, replacedNumber].includes(number))
      throw new Error(`no pull request ${repo}#${number}`)
    const { headSha, baseRef } = pullRequest
    const state = number === replacedNumber ? 'closed' : pullRequest.state
    return { ok: true, value: { number, state, headSha, baseRef } }
  }

  async dispatch(request: DispatchRequest, beforeSend: () => Promise<boolean>): Promise<DispatchResult> {
    await this.latency()
    if (!(await beforeSend())) return { kind: 'withheld' }
    const unclaimed = this.targets.filter((repo) => this.find(repo).claimedAt === undefined)
    if (unclaimed.length > 0)
      this.violations.push(`${request.repo} was dispatched before ${unclaimed.join()} was locked`)
    await this.latency()
    if (this.happens('dispatchRefused'))
      return { kind: 'refused', failure: { ...serverError(request.repo), kind: 'invalid-request' } }
    // Lost dispatches are frequent where the graph asks for another one, because otherwise few of their runs are listed late.
    const chances = this.dispatchesAgain ? 4 : 1
    const isAmbiguous = Array.from({ length: chances }).some(() => this.happens('dispatchAmbiguous'))
    const run = isAmbiguous && this.random() < 0.5 ? null : this.createRun(request)
    if (isAmbiguous && run && this.dispatchesAgain && this.random() < 0.7)
      run.listedFrom = run.createdAt + 10_000 + Math.floor(this.random() * 600_000)
    await this.latency()
    if (isAmbiguous || !run) return { kind: 'ambiguous', failure: serverError(request.repo) }
    return { kind: 'accepted', runId: run.id, url: `https://github.test/runs/${run.id}` }
  }

  private createRun({ repo, ref }: DispatchRequest): WorldRun {
    const repository = this.find(repo)
    const headSha = ref === 'main' ? (repository.builtDefaultSha ?? null) : repository.headSha
    if (headSha === null) this.violations.push(`${repo} was dispatched on ${ref}, which is not to be built`)
    const { moved, ...planned } = this.planRun(repo)
    const id = (this.nextId += 1)
    const sha = moved || headSha === null ? 'e'.repeat(40) : headSha
    const run: WorldRun = {
      id,
      repo,
      headSha: sha,
      createdAt: this.clock.now(),
      cancelledAt: null,
      runAttempt: 1,
      ...planned,
    }
    this.runs.push(run)
    this.dispatches.push(repo)
    this.onRun(run)
    return run
  }

  async readCommitRun(repo: string, runId: number): Promise<Read<CommitRun | null>> {
    await this.latency()
    if (this.happens('readFails')) return { ok: false, failure: serverError(repo) }
    return { ok: true, value: this.earlier?.run(repo, runId) ?? null }
  }

  login(): Promise<Read<string | null>> {
    return Promise.resolve({ ok: true, value: 'me' })
  }

  serverTime(): number {
    return this.clock.now()
  }

  async findRuns(search: RunSearch): Promise<Read<FoundRun[]>> {
    await this.latency()
    if (this.happens('readFails')) return { ok: false, failure: serverError(search.repo) }
    // The listing lags behind by ten seconds or more.
    const listed = this.runs.filter(
      ({ repo, headSha, createdAt, listedFrom = createdAt + 10_000 }) =>
        repo === search.repo &&
        headSha === search.headSha &&
        createdAt >= (search.createdSince ?? 0) &&
        createdAt < (search.createdUntil ?? Infinity) &&
        this.clock.now() >= listedFrom,
    )
    return { ok: true, value: listed.map(({ id }) => ({ runId: id, url: `https://github.test/runs/${id}` })) }
  }

  listRuns(): Promise<Read<ListedRun[]>> {
    throw new Error('no workflow carries the marker')
  }

  noteDelivery(): void {
    throw new Error('no webhook reports a run')
  }

  /** The same behaviour as the adapter's, unless runs are read rarely. */
  nextReadingAt(run: NextReading): number {
    const now = this.clock.now()
    const count = this.runs.filter((each) => this.present(each).status !== 'completed').length
    const next = nextReadingAt(
      { ...run, isDelivered: false },
      { count, isShared: this.readsTogether, allowance: null },
      now,
    )
    return this.isSparse ? Math.max(next, now + sparse(now - run.since)) : next
  }

  async readRun(repo: string, runId: number, options?: RunReadingOptions): Promise<RunReading> {
    const isShared = this.readsTogether && options?.withAttempt === false
    const wait = waitForGrid(this.clock.now(), { isShared })
    if (wait > 0) await this.clock.sleep(wait)
    await this.latency()
    if (this.happens('readFails')) return { kind: 'unreadable', failure: serverError(repo) }
    const run = this.runs.find(({ id }) => id === runId)
    if (!run || run.vanishes) return { kind: 'absent' }
    const shown = this.present(run)
    const isWithoutAttempt = isShared && shown.status !== 'completed'
    return { kind: 'run', run: isWithoutAttempt ? { ...shown, runAttempt: null } : shown }
  }

  async readPendingDeployments(repo: string, runId: number): Promise<Read<PendingDeployment[]>> {
    await this.latency()
    if (this.happens('readFails')) return { ok: false, failure: serverError(repo) }
    const run = this.runs.find(({ id }) => id === runId)
    const isWaiting = run !== undefined && this.present(run).status === 'waiting'
    const deployment = { environment: 'production', reviewers: ['alice'], timerEndsAt: null }
    return { ok: true, value: isWaiting ? [deployment] : [] }
  }

  /** The current state of the run at GitHub. */
  present(run: WorldRun): WorkflowRun {
    const now = this.clock.now()
    const ended =
      run.cancelledAt !== null && !run.ignoresCancel ? Math.min(run.endsAt, run.cancelledAt + 3_000) : run.endsAt
    const isCancelled = ended < run.endsAt
    const isWaiting = run.waits.some(({ from, until }) => now >= from && now < until)
    const begun = isWaiting ? 'waiting' : now >= run.startsAt ? 'in_progress' : 'queued'
    const status = now >= ended ? 'completed' : begun
    const conclusion = status === 'completed' ? (isCancelled ? 'cancelled' : run.conclusion) : null
    return {
      id: run.id,
      headSha: run.headSha,
      status,
      conclusion,
      runAttempt: run.runAttempt,
      url: `https://github.test/runs/${run.id}`,
    }
  }

  async explainFailure(): Promise<Read<RunFailure>> {
    await this.latency()
    if (this.happens('readFails')) return { ok: false, failure: serverError('log') }
    return {
      ok: true,
      value: { workflowJob: 'build', step: 'test', url: 'https://github.test/job', logTail: ['exit 1'] },
    }
  }

  async cancelRun(repo: string, runId: number): Promise<CancelResult> {
    await this.latency()
    if (this.happens('cancelFails')) return { kind: 'failed', failure: serverError(repo) }
    const run = this.runs.find(({ id }) => id === runId)
    if (!run || this.present(run).status === 'completed') return { kind: 'finished' }
    run.cancelledAt ??= this.clock.now()
    return { kind: 'requested' }
  }

  async postStatus(post: StatusPost, _options: WriteOptions, beforeSend: () => Promise<boolean>): Promise<PostResult> {
    await this.latency()
    if (!(await beforeSend())) return { kind: 'withheld' }
    if (post.state === 'success' && post.context === 'orchestrator-build') this.beginSuccess()
    await this.latency()
    if (this.builtDefaults.includes(post.repo))
      this.violations.push(`${post.context} was posted in ${post.repo}, which does not have the branch`)
    const isRefused = this.happens('postFails')
    if (post.state === 'success' && post.context === 'orchestrator-build') this.checkRepetition(post, isRefused)
    const overwritten = post.context === 'orchestrator-build' ? this.overwriting.check(post) : null
    if (overwritten !== null) this.violations.push(overwritten)
    const draw = isRefused ? this.random() : 1
    if (draw < 0.05) return { kind: 'failed', failure: { ...serverError(post.repo), kind: 'forbidden' } }
    if (draw < 0.5) return { kind: 'failed', failure: serverError(post.repo) }
    if (post.context !== 'orchestrator-build') return this.postJobStatus(post, isRefused)
    if (post.state === 'success') this.checkSuccess(post)
    const repository = this.find(post.repo)
    this.checkOverwriting(post, repository)
    repository.claimedAt ??= this.clock.now()
    // A status on a former head is not visible.
    if (post.headSha !== repository.headSha) {
      return { kind: 'posted', status: this.createStatus(post.state, post.description) }
    }
    const status = this.addStatus(post.repo, post.state, post.description)
    return isRefused ? { kind: 'failed', failure: serverError(post.repo) } : { kind: 'posted', status }
  }

  /** Checks that a job status reports the result of its run on its head. */
  private postJobStatus(post: StatusPost, isRefused: boolean): PostResult {
    const run = this.runs.findLast(({ repo, id }) => repo === post.repo && post.targetUrl.endsWith(`/${id}`))
    const shown = run && this.present(run)
    if (!shown) this.violations.push(`${post.context} links to no run`)
    if (post.state === 'success' && (shown?.conclusion !== 'success' || shown.headSha !== post.headSha))
      this.violations.push(`${post.context} says success of a run that is none`)
    this.recorded.push(post.context)
    if (isRefused) return { kind: 'failed', failure: serverError(post.repo) }
    return { kind: 'posted', status: { ...this.createStatus(post.state, post.description), context: post.context } }
  }

  /** Only a claim may overwrite the status of another; two slow requests may lie between the reading and the post. */
  private checkOverwriting(post: StatusPost, { repo, statuses, claimedAt }: WorldRepository): void {
    const newest = statuses[0]
    if (claimedAt === undefined || newest === undefined || !isForeign(newest)) return
    if (newest.createdAt > claimedAt && newest.createdAt < this.clock.now() - 60_000) {
      this.violations.push(`${post.state} on ${repo}, over somebody else's status`)
    }
  }

  /** A success that failed is posted again only after another reading of the change: GitHub may have accepted it. */
  private checkRepetition(post: StatusPost, isRefused: boolean): void {
    const failedAt = this.failedSuccesses.get(post.repo)
    if (failedAt !== undefined && !this.changeReads.some((at) => at >= failedAt))
      this.violations.push(`success on ${post.repo} was repeated without reading the change again`)
    if (isRefused) this.failedSuccesses.set(post.repo, this.clock.now())
  }

  /** Law 1: every build succeeded at the head, and a reading after the last of them showed the change as planned. */
  private checkSuccess(post: StatusPost): void {
    if (readStatusMark(post.description)?.digest !== shortDigest(this.plannedDigest))
      this.violations.push(`success on ${post.repo} without the digest of the planned heads and bases`)
    for (const repo of [...this.plannedMembers, ...this.builtDefaults]) {
      const run = this.runs.findLast((candidate) => candidate.repo === repo)
      if (!run && this.earlier?.isFresh(repo)) {
        const built = this.runs.find((other) => this.earlier?.isNeededBy(other.repo, repo))
        if (built)
          this.violations.push(`success on ${post.repo}, but ${repo} rests on a build before that of ${built.repo}`)
        continue
      }
      const shown = run && this.present(run)
      if (shown?.headSha === 'e'.repeat(40))
        this.violations.push(`success on ${post.repo}, but ${repo} built another commit`)
      if (shown?.conclusion !== 'success') this.violations.push(`success on ${post.repo}, but ${repo} was not built`)
    }
    // The run of a lost dispatch does not count.
    const counted = this.runs.filter((run) => run === this.runs.findLast(({ repo }) => repo === run.repo))
    const lastEnd = Math.max(this.plannedAt, ...counted.map(({ endsAt }) => endsAt))
    const read = this.changeReads.findLast((at) => at >= lastEnd)
    if (read === undefined) this.violations.push(`success on ${post.repo} without reading the change again`)
    else if (this.lastDisturbance > this.plannedAt && this.lastDisturbance < read) {
      this.violations.push(`success on ${post.repo}, although the change was disturbed before it was read again`)
    }
    for (const { repo, blockedSince = Infinity, pullRequest } of this.repositories.values()) {
      if (pullRequest?.state !== 'open' || blockedSince >= (read ?? -Infinity)) continue
      this.violations.push(
        `success on ${post.repo}, although ${repo} could not be merged when the change was read again`,
      )
    }
    const held = this.holdsWithout.filter((repo) => this.find(repo).pullRequest === null)
    if (held.length > 0) this.violations.push(`success on ${post.repo}, although ${held.join()} has no pull request`)
    this.checkClaims(post, read ?? -Infinity)
    if (this.statuses().some((status) => isForeign(status) && status.createdAt < (read ?? Infinity))) {
      this.violations.push(
        `success on ${post.repo}, although somebody else had spoken before the change was read again`,
      )
    }
  }

  /** A head is unlocked only after it was locked and the change was read again, and not while its pull request is known to be closed. */
  private checkClaims({ repo: unlocked }: StatusPost, read: number): void {
    const { claimedAt = Infinity } = this.find(unlocked)
    if (claimedAt > read) this.violations.push(`success on ${unlocked} without reading the change after it was locked`)
    for (const { repo, closedSince = Infinity } of this.repositories.values()) {
      if (closedSince < read)
        this.violations.push(`success on ${unlocked}, although the pull request of ${repo} was closed`)
    }
  }

  /**
   * The statuses of each head since our claim on it: the last one before anything was dispatched, because a claim that failed is repeated.
   * On a head that joined later, the first claim counts: a repeated one replaces no status of another writer.
   */
  private statuses(): ListedStatus[] {
    const builtSince = this.runs[0]?.createdAt ?? Infinity
    const isClaim = (status: ListedStatus): boolean => !isForeign(status) && status.description.includes(' building ')
    return [...this.repositories.values()].flatMap(({ repo, statuses }) => {
      const claim = this.targets.includes(repo)
        ? statuses.findIndex((status) => isClaim(status) && status.createdAt <= builtSince)
        : statuses.findLastIndex(isClaim)
      return statuses.slice(0, Math.max(0, claim))
    })
  }

  async listStatuses({ repo, headSha }: { repo: string; headSha: string }): Promise<Read<ListedStatus[]>> {
    await this.latency()
    if (this.happens('readFails')) return { ok: false, failure: serverError(repo) }
    const [newest] = this.find(repo).statuses
    this.overwriting.listed(headSha, newest !== undefined && isForeign(newest))
    return { ok: true, value: [...this.find(repo).statuses] }
  }

  async rerunFailedJobs(repo: string, runId: number, beforeSend: () => Promise<boolean>): Promise<RerunResult> {
    await this.latency()
    if (!(await beforeSend())) return { kind: 'withheld' }
    await this.latency()
    const run = this.runs.find(({ id }) => id === runId)
    const shown = run && this.present(run)
    if (!run || shown?.status !== 'completed' || shown.conclusion === 'success' || this.happens('dispatchRefused')) {
      return { kind: 'refused', failure: { ...serverError(repo), kind: 'forbidden' } }
    }
    const isAmbiguous = this.happens('dispatchAmbiguous')
    if (!isAmbiguous || this.random() < 0.5) {
      this.startAgain(run, this.planRun(repo))
    }
    await this.latency()
    return isAmbiguous ? { kind: 'ambiguous', failure: serverError(repo) } : { kind: 'accepted' }
  }

  /** Begins the next attempt of a run. */
  startAgain(
    run: WorldRun,
    { startsAt, endsAt, conclusion, waits }: Pick<WorldRun, 'startsAt' | 'endsAt' | 'conclusion' | 'waits'>,
  ): void {
    Object.assign(run, { startsAt, endsAt, conclusion, waits, cancelledAt: null, runAttempt: run.runAttempt + 1 })
  }

  readEarlierStatuses({
    repositories,
  }: {
    repositories: readonly { repo: string }[]
  }): Promise<{ repo: string; read: Read<EarlierStatus[]> }[]> {
    return Promise.resolve(repositories.map(({ repo }) => ({ repo, read: { ok: true, value: [] } })))
  }

  readPullRequests(): Promise<{ repo: string; read: Read<PullRequestWithStatus[]> }[]> {
    throw new Error('not part of a run')
  }

  listBranches(): Promise<Read<string[]>> {
    throw new Error('not part of a run')
  }

  readWorkflowState(): Promise<Read<WorkflowState | null>> {
    throw new Error('not part of a run')
  }

  listWorkflowFiles(): Promise<Read<string[]>> {
    throw new Error('not part of a run')
  }

  private happens(kind: keyof Trouble): boolean {
    return this.random() < this.trouble[kind]
  }

  private latency(): Promise<void> {
    this.requests += 1
    if (this.requests > 200_000) throw new Error('GitHub is asked without end')
    const slow = this.happens('slow') ? 20_000 : 0
    return this.clock.sleep(Math.floor(20 + this.random() * 200 + slow * this.random()))
  }
}

export function openPullRequest(
  repo: string,
  number: number,
  { headSha, baseRef }: { headSha: string; baseRef: string },
): NonNullable<WorldRepository['pullRequest']> {
  return {
    number,
    url: `https://github.test/${repo}/pull/${number}`,
    title: 'a change',
    headRef: 'DPTA-1',
    headSha,
    baseRef,
    isDraft: false,
    mergeability: 'mergeable',
    isFork: false,
    state: 'open',
  }
}

/** The digest of the change as it is now: a member without a pull request would be merged into the default branch. */
export function digestOf(repositories: readonly WorldRepository[]): string {
  const base = (pullRequest: WorldRepository['pullRequest']): string[] => [pullRequest?.baseRef ?? 'main']
  return setDigest(
    repositories.map(({ repo, headSha, builtDefaultSha, pullRequest }) => {
      if (headSha !== null) return { repo, headSha, bases: base(pullRequest) }
      return { repo, headSha, ...(builtDefaultSha === undefined ? {} : { defaultBranchSha: builtDefaultSha }) }
    }),
  )
}

export function isForeign({ description }: ListedStatus): boolean {
  return !description.startsWith('run:run0000001 ')
}

function serverError(repo: string): Failure {
  return { kind: 'server-error', message: 'GitHub answered 502', repo, httpStatus: 502 }
}
