import { assertNever } from '../../lib/assert-never.js'
import { passPullRequest } from '../../app/pass-pull-request.js'
import { revokeForeignStatus } from '../../app/revoke-foreign-status.js'
import { matchesBranches } from '../../model/branch-pattern.js'
import { isTransientFailure } from '../../model/failure.js'
import { isHeldStatus } from '../../model/held-status.js'
import { ownStatuses } from '../../model/own-status.js'
import type { IsOwnStatus } from '../../model/own-status.js'
import type { Database } from '../database/database.js'
import type { FullDelivery } from '../deliveries/delivery.js'
import type { TaskContext } from '../durable/durable.js'
import { AutoRuns } from './auto-runs.js'
import { ChangeTurns } from './change-turns.js'
import { classify } from './classify.js'
import type { IncomingDelivery } from './classify.js'
import { FailedTrigger } from './failed-trigger.js'
import { MergeGroups } from './merge-groups.js'
import { reviewChange } from './review-change.js'
import type { ReviewTrigger } from './review-change.js'
import type { TriggerContext } from './trigger-context.js'
import type {
  ChangeTrigger,
  CommandDispatched,
  DefaultBranchPushed,
  ForeignStatus,
  OtherPullRequest,
  RunChanged,
  Trigger,
} from './trigger.js'

/** Does what deliveries ask for. */
export class Triggers {
  private readonly context: TriggerContext
  private readonly isOwn: IsOwnStatus
  private readonly turns: ChangeTurns<ReviewTrigger>
  private readonly autoRuns: AutoRuns
  private readonly mergeGroups: MergeGroups

  constructor(context: TriggerContext, database: Database) {
    this.context = context
    const { login, graph } = context
    this.isOwn = ownStatuses({ login, trustedAuthors: graph.trustedAuthors ?? [] })
    this.autoRuns = new AutoRuns({ ...context, database })
    this.mergeGroups = new MergeGroups(context, database)
    this.turns = new ChangeTurns(context.clock, async (branch, requests) => {
      const result = await reviewChange(context, branch, requests)
      await this.mergeGroups.answerAll()
      return result
    })
  }

  /** Why nothing is to be done for a delivery; null: it is to be handled. Pure. */
  ignoredFor = (delivery: IncomingDelivery): string | null => {
    const trigger = this.classify(delivery)
    return trigger.kind === 'ignored' ? trigger.reason : null
  }

  /** Whether a delivery is only a hint that something will be read sooner, which must be fast and may be lost. Pure. */
  isHint = (delivery: IncomingDelivery): boolean => this.classify(delivery).kind === 'run-changed'

  /** Handles one delivery. Rejects if that failed and must be repeated. Resolves to what was done, for a reader. */
  handle = async (delivery: FullDelivery, context: TaskContext): Promise<string> => {
    const trigger = this.classify(delivery)
    return this.perform(trigger, delivery, context)
  }

  /** Starts changes that have been quiet, and answers merge queues again, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.autoRuns.run(signal), this.mergeGroups.run(signal)])
  }

  private classify(delivery: IncomingDelivery): Trigger {
    return classify(delivery, { graph: this.context.graph, isOwn: this.isOwn })
  }

  private async perform(trigger: Trigger, { receivedAt }: FullDelivery, { id, signal }: TaskContext): Promise<string> {
    switch (trigger.kind) {
      case 'branch-pushed':
      case 'pull-request-opened':
      case 'pull-request-closed':
      case 'base-edited':
      case 'became-draft':
      case 'became-ready':
        await this.autoRuns.note(trigger.branch, { id, receivedAt }, mayNeedRun(trigger))
        return this.turns.request(trigger.branch, { delivery: id, trigger, signal })
      case 'default-branch-pushed':
        return this.reviewHeld(trigger, id, signal)
      case 'run-changed':
        return this.observe(trigger)
      case 'merge-group-requested':
        return this.mergeGroups.open(trigger)
      case 'merge-group-destroyed':
        await this.mergeGroups.forget(trigger)
        return 'the merge queue no longer needs an answer'
      case 'foreign-status':
        return this.revoke(trigger)
      case 'other-pull-request':
        return this.pass(trigger)
      case 'command-comment':
        return this.context.onCommand(trigger, id)
      case 'command-dispatched':
        return this.command(trigger, id)
      case 'installation-changed':
        this.context.onInstallationChanged()
        return 'the installations of the App are read again'
      case 'ignored':
        return trigger.reason
      default:
        return assertNever(trigger)
    }
  }

  /** Looks again at the held changes with a pull request in a repository whose default branch was pushed: a conflict may be mended. */
  private async reviewHeld(trigger: DefaultBranchPushed, delivery: string, signal: AbortSignal): Promise<string> {
    const { host, graph } = this.context
    const matches = (headRef: string): boolean => matchesBranches(graph.branches, headRef)
    const query = { repositories: [trigger.repo], statusContext: graph.statusContext, matches }
    const [reading] = await host.readPullRequests(query)
    if (!reading) throw new Error(`${trigger.repo} was left out`)
    if (!reading.read.ok) throw new FailedTrigger(reading.read.failure.message)
    const held = reading.read.value.flatMap(({ pullRequest, status }) => {
      return status !== null && isHeldStatus(status) ? [pullRequest.headRef] : []
    })
    const branches = [...new Set(held)]
    const results = await Promise.all(
      branches.map((branch) => this.turns.request(branch, { delivery, trigger, signal })),
    )
    return results.length === 0 ? 'no change in it is held' : results.join('; ')
  }

  /** A completed run is read again, because only GitHub's own answer may end a build. */
  private async observe({ repo, run }: RunChanged): Promise<string> {
    const { host, observe } = this.context
    if (run.status !== 'completed') {
      await observe(repo, run)
      return `run ${run.id} is ${run.status}`
    }
    const read = await host.readRun(repo, run.id)
    // Polls of a run that webhooks report are minutes apart, so its end is not left to them.
    if (read.kind === 'unreadable' && isTransientFailure(read.failure)) throw new FailedTrigger(read.failure.message)
    if (read.kind === 'unreadable') return `run ${run.id} could not be read: ${read.failure.message}`
    if (read.kind === 'absent') return `GitHub has no run ${run.id}`
    await observe(repo, read.run)
    return `run ${run.id} is ${read.run.status}`
  }

  private async revoke({ repo, headSha, state, by }: ForeignStatus): Promise<string> {
    const { log } = this.context
    const result = await revokeForeignStatus({ ...this.context, isOwn: this.isOwn, repo, headSha })
    if (result.kind === 'failed') throw new FailedTrigger(result.failure.message)
    const fields = { repository: repo, headSha, state, by }
    if (result.kind === 'kept') {
      log.warn(fields, 'somebody else posted a status of our context')
      return `${by} posted ${state} on ${headSha.slice(0, 7)}, which changes nothing`
    }
    log.warn({ ...fields, branch: result.branch }, 'a success that somebody else posted on a locked head was put back')
    return `the success that ${by} posted on ${headSha.slice(0, 7)} was put back to pending`
  }

  private async pass({ repo, number }: OtherPullRequest): Promise<string> {
    const { host, graph, serverUrl } = this.context
    const result = await passPullRequest({ host, graph, repo, number, link: `${serverUrl}/${repo}/pull/${number}` })
    if (result.kind === 'failed' || result.kind === 'auth') throw new FailedTrigger(result.failure.message)
    return `${repo}#${number}: ${result.kind}`
  }

  private async command({ command, branch, by }: CommandDispatched, delivery: string): Promise<string> {
    const { commands } = this.context
    if (command === 'run') {
      const started = await commands.run(branch, `@${by}`, delivery)
      if (started.kind !== 'stopped') return `queued a run of ${branch}`
      return `${branch} was not run: ${started.problems.map(({ message }) => message).join('; ')}`
    }
    const { kind } = await commands.invalidate(branch, `@${by}`)
    if (kind !== 'done') throw new FailedTrigger(`${branch} could not be locked as a whole`)
    return `locked ${branch}`
  }
}

/** Whether the change may have something to build or to unlock after it. */
function mayNeedRun(trigger: ChangeTrigger): boolean {
  if (trigger.kind === 'branch-pushed') return trigger.after !== null
  return ['pull-request-opened', 'base-edited', 'became-ready'].includes(trigger.kind)
}
