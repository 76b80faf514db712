import { SandboxAdmin } from './admin.js'
import { generateAppKeys } from './apps/app-keys.js'
import type { AppKeys } from './apps/app-keys.js'
import { JobGrants } from './artifacts/job-grants.js'
import { PendingUploads } from './artifacts/pending-uploads.js'
import { Transfers } from './artifacts/transfers.js'
import type { SandboxClock } from './clock.js'
import { systemClock } from './clock.js'
import { endInterruptedRuns } from './core/interrupted-runs.js'
import { RunScheduler } from './core/run-scheduler.js'
import { DEVELOPER } from './developer.js'
import type { Executor } from './executor.js'
import { Faults } from './faults.js'
import { Router } from './http/router.js'
import { fetchInProcess, requestInProcess } from './http/in-process.js'
import { createLogLinks } from './http/log-links.js'
import { RateLimits } from './http/rate-limits.js'
import type { LoggedRequest } from './http/request-log.js'
import type { ListeningServer } from './http/server.js'
import { startServer } from './http/server.js'
import { MergeQueueRunner } from './merge-queue/merge-queues.js'
import type { Account } from './state/model.js'
import { StateHistory } from './state/history.js'
import { Directory } from './state/state.js'
import type { StateKeeper } from './state/state-keeper.js'
import { keepInMemory, keepOnDisk } from './state/state-keeper.js'
import { WebhookAdmin } from './webhook-admin.js'
import { WebhookSender } from './webhooks/webhook-sender.js'
import type { World } from './world.js'

export interface SandboxOptions {
  /** Folder for git repositories, state, logs and the token, created if missing. Without it all data is in memory and git over HTTP is unavailable. */
  stateDirectory?: string
  /** Default: the system clock. */
  clock?: SandboxClock
  executor: Executor
  /** Returns a number from 0 (inclusive) to 1 (exclusive) for request IDs and for faults with a probability. Default: Math.random. */
  random?: () => number
  /** The base URL in responses while the server is not listening, without a trailing slash. Default: `http://127.0.0.1`. */
  url?: string
  /** The maximum number of workflow runs that execute at the same time. Default: 4. */
  concurrentRuns?: number
  /** Generates the keys of an App. Default: new RSA keys. */
  generateKeys?: () => Promise<AppKeys>
  /** Sends a webhook delivery to its receiver. Default: `fetch`. A receiver in the same process needs no socket. */
  deliver?: (request: Request) => Promise<Response>
}

export { DEVELOPER } from './developer.js'

/** An embedded GitHub. */
export interface Sandbox {
  /**
   * Answers one request without a socket, as `fetch` does: redirects are followed unless `redirect` is `'manual'`, the signal is honoured, and a cut
   * connection rejects. The host is ignored; the REST API is at the root and at `/api/v3`.
   */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /** Listens on 127.0.0.1, on any free port if none is given. Rejects if the port is in use. */
  listen(port?: number): Promise<{ url: string; port: number }>
  /** Stops listening, cancels executions, waits for their end and saves the state. A second call does nothing. */
  close(): Promise<void>
  /** A token of the user `developer` with every permission. */
  token: string
  admin: SandboxAdmin
  webhooks: WebhookAdmin
  faults: Faults
  /** Every request, oldest first. A test may empty the list with `.length = 0`. */
  requests: LoggedRequest[]
  /** Problems found in the state directory, for the person who started the sandbox. */
  warnings: string[]
}

/** Creates an embedded GitHub. Throws `StateDirectoryInUse` if another process uses the state directory. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const keeper = options.stateDirectory === undefined ? keepInMemory() : await keepOnDisk(options.stateDirectory)
  return new EmbeddedGitHub(keeper, options)
}

class EmbeddedGitHub implements Sandbox {
  readonly token: string
  readonly admin: SandboxAdmin
  readonly webhooks: WebhookAdmin
  readonly faults: Faults
  readonly requests: LoggedRequest[]
  readonly warnings: string[]
  readonly #keeper: StateKeeper
  readonly #world: World
  readonly #sender: WebhookSender
  readonly #queues: MergeQueueRunner
  readonly #past: StateHistory
  readonly #router: Router
  #url: string
  #server: ListeningServer | null = null
  #closing: Promise<void> | null = null

  constructor(keeper: StateKeeper, options: SandboxOptions) {
    const clock = options.clock ?? systemClock
    const random = options.random ?? Math.random
    this.faults = new Faults({ clock, random, hasPast: keeper.git.refsNow !== undefined })
    this.#sender = new WebhookSender(
      {
        world: () => this.#world,
        deliveries: keeper.deliveries,
        send: options.deliver ?? fetch,
        trouble: (delivery) => this.faults.ofDelivery(delivery),
        save: () => keeper.changed(),
        report: (problem) => keeper.warnings.push(problem),
      },
      keeper.state.hooks.values(),
    )
    this.#queues = new MergeQueueRunner(
      () => this.#world,
      (problem) => keeper.warnings.push(problem),
    )
    this.#keeper = keeper
    this.#url = options.url ?? 'http://127.0.0.1'
    this.#world = {
      directory: new Directory(keeper.state),
      git: keeper.git,
      clock,
      logs: keeper.logs,
      logLinks: createLogLinks(clock),
      artifactContents: keeper.artifactContents,
      transfers: new Transfers(clock),
      uploads: new PendingUploads(),
      jobGrants: new JobGrants(),
      limits: new RateLimits(clock),
      runs: new RunScheduler(options.executor, options.concurrentRuns ?? 4, () => this.#world),
      webhooks: this.#sender,
      mergeQueues: this.#queues,
      testMerges: new Map(),
      mergeabilityDelayMs: 0,
      generateKeys: options.generateKeys ?? generateAppKeys,
      webUrl: () => this.#url,
      apiUrl: () => `${this.#url}/api/v3`,
      changed: (...what) => {
        keeper.changed()
        this.#past.record(...what)
        this.#queues.changed(...what)
      },
    }
    this.#past = new StateHistory(this.#world)
    this.#queues.changed(...keeper.state.repositories.values())
    endInterruptedRuns(this.#world)
    this.#router = new Router(this.#world, this.#past, this.faults, random)
    this.requests = this.#router.requests
    this.warnings = keeper.warnings
    this.token = keeper.token
    const developer = this.#developer(keeper.token)
    this.admin = new SandboxAdmin(this.#world, developer, this.#past)
    this.webhooks = new WebhookAdmin(this.#world, developer)
  }

  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response> {
    const request =
      typeof input === 'object' && 'url' in input && init === undefined ? input : requestInProcess(input, init)
    return fetchInProcess((asked) => this.#router.handle(asked), request)
  }

  async listen(port = 0): Promise<{ url: string; port: number }> {
    if (this.#server !== null) throw new Error('the sandbox is listening already')
    if (this.#closing !== null) throw new Error('the sandbox is closed')
    this.#server = await startServer((request) => this.#router.handle(request), port)
    this.#url = `http://127.0.0.1:${this.#server.port}`
    this.#keeper.announce({ url: this.#url, startedAt: this.#world.clock.now() })
    return { url: this.#url, port: this.#server.port }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.faults.close()
    if (this.#server !== null) {
      await this.#server.close()
      this.#keeper.announce(null)
    }
    await this.#world.runs.close()
    await this.#queues.close()
    await this.#sender.close()
    await this.#keeper.close()
  }

  /** Returns the account of the token with every permission. That token is in its own file, not in the state. */
  #developer(token: string): Account {
    const { directory, clock } = this.#world
    const developer = directory.account(DEVELOPER) ?? directory.addAccount(DEVELOPER, 'User', clock.now())
    developer.baseRole = 'admin'
    for (const [value, known] of directory.state.tokens) {
      if (value.startsWith('orch_sandbox_') && known.accountId === developer.id) directory.state.tokens.delete(value)
    }
    directory.state.tokens.set(token, { value: token, accountId: developer.id, grants: null })
    this.#world.changed()
    return developer
  }
}
