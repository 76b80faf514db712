import { nextReadingAt, waitForGrid } from '../../../src/github/runs/poll-schedule.js'
import type { WatchedRuns } from '../../../src/github/runs/poll-schedule.js'
import type {
  CommitRun,
  ListedStatus,
  EarlierStatus,
  PullRequestState,
  RepositoryRead,
  RepositoryReading,
  WorkflowState,
} from '../../../src/model/change.js'
import type { FoundRun } from '../../../src/model/build/state/job-state.js'
import type { PendingDeployment, RunFailure, WorkflowRun } from '../../../src/model/workflow-run.js'
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
} from '../../../src/ports/host/builds.js'
import type { PullRequestWithStatus } from '../../../src/ports/host/changes.js'
import type { Host } from '../../../src/ports/host/host.js'
import type { Read } from '../../../src/ports/host/read.js'
import type { PostResult, StatusPost } from '../../../src/ports/host/statuses.js'
import type { WriteOptions } from '../../../src/ports/host/write-options.js'
import type { TestClock } from '../../support/test-clock.js'
import { runOf } from './fixtures.js'

interface Script {
  /** From the dispatch, ms. */
  queuedFor?: number
  /** From the dispatch to the end, ms. */
  lasts?: number
  conclusion?: string
  headSha?: string
  /** Every cancel is accepted, but only this kind ends the run. */
  endsOn?: 'cancel' | 'force-cancel' | 'nothing'
}

interface ScriptedRun {
  repo: string
  headSha: string
  dispatchedAt: number
  cancelledAt: number | null
}

/** A GitHub that a test scripts. By default each request takes 10 ms, and each build takes a minute and succeeds. */
export class ScriptedGitHub implements Host {
  readonly clock: TestClock
  private readonly startedAt: number
  /** `<seconds since the start> <request>` for each write. */
  readonly writes: string[] = []
  readonly repositories = new Map<string, RepositoryRead>()
  readonly statuses = new Map<string, ListedStatus[]>()
  readonly scripts = new Map<string, Script>()
  readonly runs = new Map<number, ScriptedRun>()
  /** Answers that replace the scripted ones; when a hook returns undefined, the scripted answer is used. */
  hooks: {
    dispatch?: (request: DispatchRequest) => Promise<DispatchResult> | undefined
    beforeLimiter?: (repo: string) => Promise<void> | undefined
    beforePost?: (repo: string) => Promise<void> | undefined
    readRun?: (repo: string, runId: number, options?: RunReadingOptions) => Promise<RunReading> | undefined
    cancelRun?: (repo: string, force: boolean) => Promise<CancelResult> | undefined
    postStatus?: (post: StatusPost) => Promise<PostResult> | undefined
    readPullRequest?: (repo: string) => PullRequestState
    findRuns?: (repo: string, createdSince: number) => FoundRun[]
    rerunFailedJobs?: (repo: string, runId: number) => RerunResult
    readPendingDeployments?: (repo: string) => Read<PendingDeployment[]>
    listRuns?: (repo: string) => Read<ListedRun[]>
  } = {}
  private readonly delivered = new Set<number>()
  watched: WatchedRuns = { count: 1, isShared: false, allowance: null }
  private nextId = 100

  constructor(clock: TestClock, readings: readonly RepositoryRead[]) {
    this.clock = clock
    this.startedAt = clock.now()
    for (const reading of readings) this.repositories.set(reading.repo, reading)
  }

  readings(): RepositoryReading[] {
    return [...this.repositories.values()]
  }

  change(repo: string, changes: Partial<RepositoryRead>): void {
    const reading = this.repositories.get(repo)
    if (!reading) throw new Error(`no ${repo}`)
    this.repositories.set(repo, { ...reading, ...changes })
  }

  addStatus(repo: string, state: ListedStatus['state'], description: string): ListedStatus {
    const id = (this.nextId += 1)
    const status = { id, state, context: 'orchestrator-build', description, targetUrl: '', creator: '', createdAt: 0 }
    this.statuses.set(repo, [status, ...(this.statuses.get(repo) ?? [])])
    return status
  }

  /** `state description` of the newest status. */
  shown(repo: string): string | undefined {
    const newest = this.statuses.get(repo)?.[0]
    return newest && `${newest.state} ${newest.description}`
  }

  async readChange(): Promise<RepositoryReading[]> {
    await this.clock.sleep(10)
    return this.readings()
  }

  async readPullRequest(repo: string, number: number): Promise<Read<PullRequestState>> {
    await this.clock.sleep(10)
    const state = this.hooks.readPullRequest?.(repo)
    return { ok: true, value: state ?? { number, state: 'closed', headSha: '', baseRef: 'main' } }
  }

  sendEvent(): Promise<never> {
    return Promise.reject(new Error('no job of these graphs sends an event'))
  }

  checkEventTarget(): Promise<never> {
    return this.sendEvent()
  }

  readEnabledWorkflows(): Promise<never> {
    return this.sendEvent()
  }

  async dispatch(request: DispatchRequest, beforeSend: () => Promise<boolean>): Promise<DispatchResult> {
    await this.hooks.beforeLimiter?.(request.repo)
    if (!(await beforeSend())) return { kind: 'withheld' }
    this.note(`dispatch ${request.repo}`)
    const answer = this.hooks.dispatch?.(request)
    if (answer) return answer
    await this.clock.sleep(10)
    return this.accept(request.repo)
  }

  accept(repo: string): DispatchResult {
    const runId = (this.nextId += 1)
    const headSha = this.scripts.get(repo)?.headSha ?? this.repositories.get(repo)?.headSha ?? ''
    this.runs.set(runId, { repo, headSha, dispatchedAt: this.clock.now(), cancelledAt: null })
    return { kind: 'accepted', runId, url: `https://github.test/runs/${runId}` }
  }

  async readRun(repo: string, runId: number, options?: RunReadingOptions): Promise<RunReading> {
    const isShared = this.watched.isShared && options?.withAttempt === false
    const wait = waitForGrid(this.clock.now(), { isShared })
    if (wait > 0) await this.clock.sleep(wait)
    const answer = this.hooks.readRun?.(repo, runId, options)
    if (answer) return answer
    await this.clock.sleep(10)
    const run = this.runs.get(runId)
    return run ? { kind: 'run', run: this.present(runId, run) } : { kind: 'absent' }
  }

  async readPendingDeployments(repo: string): Promise<Read<PendingDeployment[]>> {
    await this.clock.sleep(10)
    return this.hooks.readPendingDeployments?.(repo) ?? { ok: true, value: [] }
  }

  noteDelivery(_repo: string, runId: number): void {
    this.delivered.add(runId)
  }

  /** Schedules readings like the adapter. */
  nextReadingAt(run: NextReading): number {
    return nextReadingAt({ ...run, isDelivered: this.delivered.has(run.runId) }, this.watched, this.clock.now())
  }

  private present(id: number, { repo, headSha, dispatchedAt, cancelledAt }: ScriptedRun): WorkflowRun {
    const { queuedFor = 0, lasts = 60_000, conclusion = 'success' } = this.scripts.get(repo) ?? {}
    const passed = this.clock.now() - dispatchedAt
    const base = runOf({ id, headSha })
    if (cancelledAt !== null) return { ...base, status: 'completed', conclusion: 'cancelled' }
    if (passed >= lasts) return { ...base, status: 'completed', conclusion }
    return { ...base, status: passed < queuedFor ? 'queued' : 'in_progress' }
  }

  explainFailure(): Promise<Read<RunFailure>> {
    const url = 'https://github.test/job'
    return Promise.resolve({ ok: true, value: { workflowJob: 'build', step: 'test', url, logTail: ['exit 1'] } })
  }

  async cancelRun(repo: string, runId: number, { force }: WriteOptions & { force: boolean }): Promise<CancelResult> {
    this.note(`${force ? 'force-cancel' : 'cancel'} ${repo}`)
    const answer = this.hooks.cancelRun?.(repo, force)
    if (answer) return answer
    await this.clock.sleep(10)
    const run = this.runs.get(runId)
    if (!run || this.present(runId, run).status === 'completed') return { kind: 'finished' }
    const endsOn = this.scripts.get(repo)?.endsOn ?? 'cancel'
    if (endsOn === 'cancel' || (endsOn === 'force-cancel' && force)) run.cancelledAt = this.clock.now()
    return { kind: 'requested' }
  }

  async postStatus(post: StatusPost, _options: WriteOptions, beforeSend: () => Promise<boolean>): Promise<PostResult> {
    await this.hooks.beforePost?.(post.repo)
    if (!(await beforeSend())) return { kind: 'withheld' }
    this.note(`${post.state} ${post.repo}`)
    const answer = this.hooks.postStatus?.(post)
    if (answer) return answer
    await this.clock.sleep(10)
    return { kind: 'posted', status: this.addStatus(post.repo, post.state, post.description) }
  }

  async listStatuses({ repo }: { repo: string }): Promise<Read<ListedStatus[]>> {
    await this.clock.sleep(10)
    return { ok: true, value: this.statuses.get(repo) ?? [] }
  }

  readCommitRun(): Promise<Read<CommitRun | null>> {
    throw new Error('only planning reads runs of earlier orchestrations')
  }

  login(): Promise<Read<string | null>> {
    return Promise.resolve({ ok: true, value: 'someone' })
  }

  serverTime(): number {
    return this.clock.now()
  }

  async findRuns({ repo, createdSince }: RunSearch): Promise<Read<FoundRun[]>> {
    await this.clock.sleep(10)
    const found = this.hooks.findRuns?.(repo, createdSince ?? 0) ?? []
    return { ok: true, value: found }
  }

  async listRuns({ repo }: { repo: string }): Promise<Read<ListedRun[]>> {
    await this.clock.sleep(10)
    return this.hooks.listRuns?.(repo) ?? { ok: true, value: [] }
  }

  async rerunFailedJobs(repo: string, runId: number, beforeSend: () => Promise<boolean>): Promise<RerunResult> {
    await this.clock.sleep(10)
    if (!(await beforeSend())) return { kind: 'withheld' }
    this.note(`rerun ${repo}`)
    return this.hooks.rerunFailedJobs?.(repo, runId) ?? { kind: 'accepted' }
  }

  readEarlierStatuses({
    repositories,
  }: {
    repositories: readonly { repo: string }[]
  }): Promise<{ repo: string; read: Read<EarlierStatus[]> }[]> {
    const readings = repositories.map(({ repo }) => ({ repo, read: { ok: true as const, value: [] } }))
    return Promise.resolve(readings)
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

  private note(write: string): void {
    this.writes.push(`${Math.floor((this.clock.now() - this.startedAt) / 1_000)} ${write}`)
  }

  /** The writes of one kind without their times. */
  writesOf(kind: 'dispatch' | 'cancel' | 'force-cancel' | 'pending' | 'success' | 'failure' | 'error'): string[] {
    return this.writes.flatMap((write) => {
      const [, what, repo] = write.split(' ')
      return what === kind && repo !== undefined ? [repo] : []
    })
  }
}
