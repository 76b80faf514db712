import type {
  EarlierStatus,
  ListedStatus,
  PullRequest,
  PullRequestState,
  RepositoryReading,
  WorkflowState,
} from '../../src/model/change.js'
import type { ChangeQuery, PullRequestWithStatus, RepositoryQuery } from '../../src/ports/host/changes.js'
import type { Host } from '../../src/ports/host/host.js'
import type { Read } from '../../src/ports/host/read.js'
import type { PostResult, StatusPost } from '../../src/ports/host/statuses.js'
import type { WriteOptions } from '../../src/ports/host/write-options.js'
import { OverwritingLaw } from './overwriting-law.js'
import { successBroken } from './success-law.js'
import { defaultSha, isForeign, serverError } from './world-model.js'
import type { WorldRepository } from './world-model.js'
import { WorldRuns } from './world-runs.js'

/** A model of GitHub with a test clock, random delays and troubles. It records violations of the laws. */
export class World extends WorldRuns implements Host {
  /** Per repository: when the latest success on it failed, ms. */
  private readonly failedSuccesses = new Map<string, number>()
  private readonly overwriting = new OverwritingLaw()

  sendEvent(): Promise<never> {
    return Promise.reject(new Error('no job of these graphs sends an event'))
  }

  checkEventTarget(): Promise<never> {
    return this.sendEvent()
  }

  readEnabledWorkflows(): Promise<never> {
    return this.sendEvent()
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

  login(): Promise<Read<string | null>> {
    return Promise.resolve({ ok: true, value: 'me' })
  }

  serverTime(): number {
    return this.clock.now()
  }

  async postStatus(post: StatusPost, _options: WriteOptions, beforeSend: () => Promise<boolean>): Promise<PostResult> {
    await this.latency()
    if (!(await beforeSend())) return { kind: 'withheld' }
    const sentAt = this.clock.now()
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
    if (post.state === 'success') this.violations.push(...successBroken(this, post, sentAt))
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

  async listStatuses({ repo, headSha }: { repo: string; headSha: string }): Promise<Read<ListedStatus[]>> {
    await this.latency()
    if (this.happens('readFails')) return { ok: false, failure: serverError(repo) }
    const [newest] = this.find(repo).statuses
    this.overwriting.listed(headSha, newest !== undefined && isForeign(newest))
    return { ok: true, value: [...this.find(repo).statuses] }
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
}
