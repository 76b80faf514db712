import type { ListedStatus } from '../../src/model/change.js'
import type { WorkflowRun } from '../../src/model/workflow-run.js'
import type { PromiseClock } from '../support/promise-clock.js'
import type { EarlierBuilds } from './earlier-builds.js'
import { openPullRequest } from './world-model.js'
import type { Trouble, Violation, WorldRepository, WorldRun } from './world-model.js'

/** What GitHub holds, and what people do with it. */
export class WorldState {
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
  protected nextId = 1_000
  protected beginSuccess: () => void = () => undefined
  /** Resolves when our first success is posted, right after the reading that allows it. */
  readonly successBegun = new Promise<void>((resolve) => (this.beginSuccess = resolve))
  readonly clock: PromiseClock
  protected readonly random: () => number
  trouble: Trouble

  constructor(options: {
    clock: PromiseClock
    random: () => number
    repositories: WorldRepository[]
    trouble: Trouble
    planRun: WorldState['planRun']
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

  protected createStatus(state: ListedStatus['state'], description: string): ListedStatus {
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

  /** Begins the next attempt of a run. */
  startAgain(
    run: WorldRun,
    { startsAt, endsAt, conclusion, waits }: Pick<WorldRun, 'startsAt' | 'endsAt' | 'conclusion' | 'waits'>,
  ): void {
    Object.assign(run, { startsAt, endsAt, conclusion, waits, cancelledAt: null, runAttempt: run.runAttempt + 1 })
  }

  protected happens(kind: keyof Trouble): boolean {
    return this.random() < this.trouble[kind]
  }

  protected latency(): Promise<void> {
    this.requests += 1
    if (this.requests > 200_000) throw new Error('GitHub is asked without end')
    const slow = this.happens('slow') ? 20_000 : 0
    return this.clock.sleep(Math.floor(20 + this.random() * 200 + slow * this.random()))
  }
}
