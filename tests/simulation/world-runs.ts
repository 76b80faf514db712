import { nextReadingAt, waitForGrid } from '../../src/github/runs/poll-schedule.js'
import type { FoundRun } from '../../src/model/build/state/job-state.js'
import type { CommitRun } from '../../src/model/change.js'
import type { PendingDeployment, RunFailure } from '../../src/model/workflow-run.js'
import type {
  CancelResult,
  DispatchRequest,
  DispatchResult,
  ListedRun,
  NextReading,
  RerunResult,
  RunReading,
  RunReadingOptions,
  RunSearch,
} from '../../src/ports/host/builds.js'
import type { Read } from '../../src/ports/host/read.js'
import { serverError } from './world-model.js'
import type { WorldRun } from './world-model.js'
import { WorldState } from './world-state.js'

/** The shortest interval between the readings of a run in a sparse history, ms: never longer than the longest of the adapter. */
function sparse(elapsedMs: number): number {
  return Math.min(elapsedMs / 8, 60_000)
}

/** The workflow runs of the model: dispatched, listed, read, cancelled and re-run. */
export class WorldRuns extends WorldState {
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
}
