import { parseGraphFile } from '../../../src/config/graph-file.js'
import { runChange } from '../../../src/app/run-change.js'
import type { RunSettings } from '../../../src/app/run/run-settings.js'
import { fixedToken } from '../../../src/github/api/token.js'
import { createGitHub } from '../../../src/github/github.js'
import type { Graph } from '../../../src/model/graph.js'
import { createSandbox } from '../../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import type { ScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { createChangeCommands, defaultRunSettings } from '../../../src/service/commands/create-change-commands.js'
import type { Database } from '../../../src/service/database/database.js'
import { DeliveryService } from '../../../src/service/deliveries/deliveries.js'
import type { Delivery } from '../../../src/service/deliveries/delivery.js'
import type { ServiceHost } from '../../../src/service/service-host.js'
import { Triggers } from '../../../src/service/triggers/triggers.js'
import { createMemoryStore, JournalMemory } from '../../../src/store/memory-store.js'
import type { Store } from '../../../src/ports/store.js'
import { buildWorkflow, exampleGraph } from '../../support/example-graph.js'
import { loadGraphQL } from '../../support/load-graphql.js'
import { hasMachineWork } from '../../support/machine-work.js'
import { seededRandom } from '../../support/random.js'
import { TestClock } from '../../support/test-clock.js'
import { createMemoryLog } from './memory-log.js'
import { MemoryDurable } from './memory-durable.js'
import { MemoryWorkloads } from './memory-workloads.js'
import '../../../src/app/history/fold-journal.js'
import '../../../src/app/plan/plan-readings.js'
import '../../../src/app/plan/plan-refusal.js'
import '../../../src/app/run/execute-plan.js'
import '../../../src/config/workflow-file.js'

/** No server listens at this address: requests are passed in memory, in both directions. */
const serverUrl = 'http://127.0.0.1:9'
const secret = 'the secret of the webhooks'
const receiver = 'http://127.0.0.1:7345/webhooks/github'

function linkTo(branch: string): string {
  return `${serverUrl}/pulls?q=${branch}`
}

/**
 * The deliveries and triggers of a service, in the process of an embedded GitHub that sends it every event. Repositories are named without
 * their owner, which is `acme`.
 */
export class WebhookWorld implements AsyncDisposable {
  readonly clock: TestClock
  readonly sandbox: Sandbox
  readonly builds: ScriptedExecutor
  readonly graph: Graph
  readonly host: ServiceHost
  readonly log = createMemoryLog()
  readonly durable: MemoryDurable
  readonly workloads: MemoryWorkloads
  readonly service: DeliveryService
  readonly triggers: Triggers
  /** Ids of the installations of the App that were read again. */
  installationReads = 0
  /** Bodies of the comments with commands. */
  readonly commands: string[] = []
  /** What the runs of the queue came to, in order. */
  readonly outcomes: string[] = []
  /** Called when the queue is about to execute a run. */
  beforeRun: () => Promise<unknown> = () => Promise.resolve()
  /** While true, nothing that GitHub sends arrives, as if the service were down. */
  isDown = false
  private readonly store: Store
  private readonly ended = new AbortController()

  private constructor(sandbox: Sandbox, clock: TestClock, builds: ScriptedExecutor, options: Required<WorldOptions>) {
    this.sandbox = sandbox
    this.clock = clock
    this.builds = builds
    const parsed = parseGraphFile(`${options.graph}${options.settings}\n`)
    if (!parsed.ok) throw new Error('the graph file has errors')
    this.graph = parsed.graph
    const random = seededRandom(5)
    this.host = createGitHub({
      apiUrl: `${serverUrl}/api/v3`,
      token: fixedToken(sandbox.token),
      clock,
      random,
      keepsLimits: false,
      fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => sandbox.fetch(new Request(input, init)),
    })
    const driver = { name: 'service', pid: null }
    this.store = createMemoryStore({ clock, memory: new JournalMemory(), driver, onCancelRequest: () => undefined })
    this.durable = new MemoryDurable(clock)
    this.workloads = new MemoryWorkloads(async (work) => {
      if (work.kind !== 'run') throw new Error('this queue has runs only')
      await this.beforeRun()
      this.outcomes.push(await this.build(work.branch, work.settings))
    })
    const tracked: Database['query'] = (sql, values) => clock.track(options.database.query(sql, values))
    const database = { ...options.database, query: tracked }
    const { graph, host, store, workloads, log } = this
    this.triggers = new Triggers(
      {
        graph,
        host,
        store,
        clock,
        random,
        log,
        commands: createChangeCommands({ graph, host, store, clock, random, workloads, serverUrl, linkTo }),
        observe: (repo, run) => workloads.observe(repo, run),
        onCommand: ({ body }) => Promise.resolve(`command ${this.commands.push(body)}`),
        onInstallationChanged: () => void (this.installationReads += 1),
        login: options.login,
        serverUrl,
        linkTo,
      },
      database,
    )
    this.service = new DeliveryService({
      database,
      durable: this.durable,
      clock,
      log,
      secrets: [secret],
      metrics: { webhookReceived: () => undefined, webhookHandled: () => undefined },
      ignoredFor: this.triggers.ignoredFor,
      isHint: this.triggers.isHint,
      handle: this.triggers.handle,
    })
  }

  /** A world whose repositories A to E have a webhook. */
  static async open(options: WorldOptions): Promise<WebhookWorld> {
    const { database, settings = '', graph = exampleGraph, login = 'developer' } = options
    await loadGraphQL()
    for (const table of ['deliveries', 'auto_runs', 'merge_groups']) await database.query(`DELETE FROM orch.${table}`)
    const clock = new TestClock(undefined, 12, hasMachineWork)
    const builds = createScriptedExecutor({ clock })
    let deliver: (request: Request) => Promise<Response> = () => Promise.reject(new Error('not connected'))
    const sandbox = await createSandbox({
      clock,
      executor: builds,
      random: seededRandom(1),
      url: serverUrl,
      deliver: (request) => deliver(request),
    })
    const world = new WebhookWorld(sandbox, clock, builds, { database, settings, graph, login })
    deliver = (request) =>
      world.isDown ? Promise.reject(new Error('connection refused')) : clock.track(world.service.receive(request))
    for (const { repo } of world.graph.jobs) await world.repository(repo)
    return world
  }

  private async repository(repo: string): Promise<void> {
    const { admin, webhooks } = this.sandbox
    await admin.createRepository(repo)
    await admin.commit(repo, 'main', { '.github/workflows/build.yml': buildWorkflow, 'README.md': `# ${repo}\n` })
    admin.requireStatus(repo, this.graph.statusContext)
    webhooks.create(repo, { url: receiver, secret })
  }

  /** Starts what the service does by itself besides its deliveries. */
  runTriggers(): void {
    void this.triggers.run(this.ended.signal)
  }

  /** Pushes a branch with a change and opens its pull request; returns its number. */
  async change(name: string, branch: string, options: { isDraft?: boolean } = {}): Promise<number> {
    await this.push(name, branch, `${branch} in ${name}\n`)
    const number = await this.sandbox.admin.openPull(`acme/${name}`, { head: branch, title: branch })
    if (options.isDraft) this.sandbox.admin.setDraft(`acme/${name}`, number, true)
    return number
  }

  push(name: string, branch: string, text = `${this.clock.now()}\n`): Promise<string> {
    return this.sandbox.admin.commit(`acme/${name}`, branch, { 'change.txt': text })
  }

  /** Builds and unlocks a change, as `orch run` on another machine does. */
  async build(branch: string, settings: RunSettings = defaultRunSettings): Promise<string> {
    const { host, clock, graph, store } = this
    const driven = await runChange({
      host,
      clock,
      graph,
      branch,
      store,
      random: seededRandom(7),
      settings,
      event: { key: null, isRepeated: false, isNamed: false },
      serverUrl,
      link: serverUrl,
      frontend: {
        openReporter: () => Promise.resolve({ report: () => undefined, close: () => Promise.resolve() }),
        onInterrupt: () => () => undefined,
      },
      note: () => undefined,
      follow: false,
    })
    if (driven.kind === 'stopped') return driven.problems.map(({ message }) => message).join('; ')
    return driven.kind === 'ended' ? driven.orchestration.ending.outcome : driven.kind
  }

  /** Lets time pass until everything that GitHub has sent is handled, and every run that was queued has ended. */
  async settle(): Promise<void> {
    await this.clock.until(this.idle())
  }

  private async idle(): Promise<void> {
    await this.sandbox.webhooks.idle()
    for (let count = -1; count !== this.durable.started.length + this.workloads.enqueued.length;) {
      count = this.durable.started.length + this.workloads.enqueued.length
      await this.durable.idle()
      await this.workloads.idle()
      await this.sandbox.webhooks.idle()
    }
  }

  /** A green change with these members. */
  async greenChange(branch: string, ...names: string[]): Promise<number[]> {
    const numbers: number[] = []
    for (const name of names) numbers.push(await this.change(name, branch))
    await this.settle()
    const outcome = await this.clock.until(this.build(branch))
    if (outcome !== 'succeeded') throw new Error(`the change ended ${outcome}`)
    await this.settle()
    return numbers
  }

  /** The newest status on the head of a branch, without the ids in it. */
  async status(name: string, branch: string): Promise<string> {
    const sha = (await this.sandbox.admin.branch(`acme/${name}`, branch)) ?? ''
    return this.statusOf(name, sha)
  }

  /** The newest status on a commit, without the ids in it. */
  statusOf(name: string, sha: string): string {
    const statuses = this.sandbox.admin.statuses(`acme/${name}`, sha)
    const newest = statuses.filter(({ context }) => context === this.graph.statusContext).at(-1)
    if (!newest) return 'none'
    const text = (newest.description ?? '').replace(/\b(run|inv):[a-z0-9]+/u, '$1:ID').replace(/ set:[0-9a-f]{12}/u, '')
    return `${newest.state} ${text}`
  }

  /** `acme/repoB` for each run that was created, in order. */
  dispatches(): string[] {
    const runs = this.sandbox.admin.runs().sort((a, b) => a.id - b.id)
    return runs.map(({ repository }) => repository)
  }

  /** The deliveries that were handled, newest first, as `push: locked DPTA-1`. */
  async results(): Promise<string[]> {
    const { items } = await this.service.list({ limit: 100 })
    return items.map(({ event, result }: Delivery) => `${event}: ${result ?? 'not handled'}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ended.abort()
    await this.durable.close()
    await this.clock.until(this.sandbox.close())
  }
}

export interface WorldOptions {
  database: Database
  /** Lines that are added to the graph file. */
  settings?: string
  graph?: string
  /** The login that the service posts statuses as; null: GitHub does not name it. */
  login?: string | null
}
