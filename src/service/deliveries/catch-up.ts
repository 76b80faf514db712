import { failureText } from '../../lib/failure-text.js'
import type { Failure } from '../../model/failure.js'
import { isDenied, isTransientFailure } from '../../model/failure.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import { splitRepo } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { Hook, HookDelivery, HookOwner, Hooks } from '../../ports/host/hooks.js'
import type { Read } from '../../ports/host/read.js'
import type { Log } from '../operations/log.js'
import type { SignedDelivery } from './receive-webhook.js'

/** GitHub keeps deliveries for three days. */
const longestMs = 3 * 86_400_000
/** The clocks of GitHub and of this machine may differ, and the last deliveries may overtake each other. */
const marginMs = 10 * 60_000
/** Between two tries while GitHub or the database cannot be reached. */
const pauseMs = 30_000
const webhookPath = '/webhooks/github'

export interface CatchUpOptions {
  host: Hooks
  graph: Graph
  clock: Clock
  log: Log
  /** Whether the service is a GitHub App, whose own webhook is read too. */
  isApp: boolean
  /** When the newest delivery was received, ms, UTC; null: there is none. */
  newestAt: number | null
  /** Those of these ids that were accepted before. */
  known: (ids: readonly string[]) => Promise<ReadonlySet<string>>
  accept: (delivery: SignedDelivery) => Promise<unknown>
  /** Aborts when the service ends. */
  signal: AbortSignal
}

export interface KeepUpOptions extends CatchUpOptions {
  /** Since when deliveries were refused, because the database was away, since the last call, ms, UTC; null: none was. */
  takeRefusals: () => number | null
}

const refusalsIntervalMs = 60_000

/** Catches up at once, and again after deliveries were refused, until the signal aborts. GitHub itself repeats nothing. */
export async function keepUp({ takeRefusals, ...options }: KeepUpOptions): Promise<void> {
  const { clock, signal } = options
  await catchUp(options)
  while (!signal.aborted) {
    await clock.sleep(refusalsIntervalMs, signal)
    const newestAt = takeRefusals()
    if (newestAt !== null) await catchUp({ ...options, newestAt })
  }
}

/**
 * Handles the deliveries that failed while the service was down: reads what GitHub delivered to its webhooks, back to the last delivery
 * that was received. What cannot be read is logged, and does not keep the service from starting. Resolves to the number of deliveries.
 */
export async function catchUp(options: CatchUpOptions): Promise<number> {
  const { clock, newestAt, log, signal } = options
  const since = Math.max(clock.now() - longestMs, (newestAt ?? -Infinity) - marginMs)
  let count = 0
  for (const owner of ownersOf(options)) {
    if (signal.aborted) return count
    const hooks = await untilAnswered(options, owner, () => options.host.listHooks(owner))
    for (const hook of hooks ?? []) count += isOurs(hook) ? await catchUpHook(options, hook, since) : 0
  }
  log.info({ deliveries: count }, 'deliveries that failed while the service was down were read')
  return count
}

function ownersOf({ graph, isApp }: CatchUpOptions): HookOwner[] {
  const repositories = repositoriesOf(graph)
  const logins = new Map(repositories.map((repo) => [splitRepo(repo).owner.toLowerCase(), splitRepo(repo).owner]))
  return [
    ...(isApp ? [{ kind: 'app' as const }] : []),
    ...[...logins.values()].map((login) => ({ kind: 'organization' as const, login })),
    ...repositories.map((repo) => ({ kind: 'repository' as const, repo })),
  ]
}

/** Whether deliveries of a hook come to this service, as far as its address shows. */
function isOurs({ url }: Hook): boolean {
  return URL.canParse(url) && new URL(url).pathname.replace(/\/+$/u, '').endsWith(webhookPath)
}

async function catchUpHook(options: CatchUpOptions, hook: Hook, since: number): Promise<number> {
  const { host, known } = options
  const listed = await untilAnswered(options, hook.owner, () => host.listHookDeliveries(hook, since))
  const failed = failedOnes((listed ?? []).filter(({ deliveredAt }) => deliveredAt >= since))
  const handled = await known(failed.map(({ guid }) => guid))
  let count = 0
  // Oldest first, as they happened.
  for (const delivery of failed.filter(({ guid }) => !handled.has(guid)).reverse()) {
    if (await acceptOne(options, hook, delivery)) count += 1
  }
  return count
}

/** Each event once, whose deliveries all failed: a redelivery has the same guid. */
function failedOnes(deliveries: readonly HookDelivery[]): HookDelivery[] {
  const isDelivered = ({ statusCode }: HookDelivery): boolean => statusCode >= 200 && statusCode < 300
  const delivered = new Set(deliveries.filter(isDelivered).map(({ guid }) => guid))
  const failed = deliveries.filter(({ guid }) => !delivered.has(guid))
  return [...new Map(failed.map((delivery) => [delivery.guid, delivery])).values()]
}

async function acceptOne(options: CatchUpOptions, hook: Hook, delivery: HookDelivery): Promise<boolean> {
  const { host, log, accept, clock, signal } = options
  const { id, guid, event } = delivery
  const payload = await untilAnswered(options, hook.owner, () => host.readHookPayload(hook, id))
  if (payload === null) return false
  while (!signal.aborted) {
    try {
      await accept({ id: guid, event, payload, json: JSON.stringify(payload) })
      return true
    } catch (error) {
      log.error({ delivery: guid, event, error: failureText(error) }, 'a delivery that failed could not be stored yet')
      await clock.sleep(pauseMs, signal)
    }
  }
  return false
}

/** Repeats a reading while GitHub cannot be reached; null: it is refused. */
async function untilAnswered<T>(
  { log, clock, signal }: CatchUpOptions,
  owner: HookOwner,
  read: () => Promise<Read<T>>,
): Promise<T | null> {
  for (;;) {
    const answer = await read()
    if (answer.ok) return answer.value
    report(log, owner, answer.failure)
    if (!isTransientFailure(answer.failure) || signal.aborted) return null
    await clock.sleep(pauseMs, signal)
  }
}

function report(log: Log, owner: HookOwner, failure: Failure): void {
  const of = owner.kind === 'app' ? 'the App' : owner.kind === 'organization' ? owner.login : owner.repo
  const fields = { of, error: failure.message, ...(failure.remedy === undefined ? {} : { remedy: failure.remedy }) }
  // Most services have webhooks in one of the three places, and a token without the permission for the other two.
  const isExpected = isDenied(failure) || failure.kind === 'not-found'
  const message = 'deliveries that failed while the service was down cannot be read'
  if (isExpected) log.info(fields, message)
  else log.warn(fields, message)
}
