import type { Frontend } from '../../src/app/run/drive-to-end.js'
import { parseGraphFile } from '../../src/config/graph-file.js'
import { fixedToken } from '../../src/github/api/token.js'
import { createGitHub } from '../../src/github/github.js'
import type { Event } from '../../src/model/build/events.js'
import type { Graph } from '../../src/model/graph.js'
import type { Host } from '../../src/ports/host/host.js'
import type { Store } from '../../src/ports/store.js'
import { createSandbox } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import type { ScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { createMemoryStore, JournalMemory } from '../../src/store/memory-store.js'
import { sharedKeys } from './app-keys.js'
import { buildWorkflow, exampleGraph } from './example-graph.js'
import { loadGraphQL } from './load-graphql.js'
import { hasMachineWork } from './machine-work.js'
import { seededRandom } from './random.js'
import { TestClock } from './test-clock.js'
// Modules that the use cases import late are loaded here first: the test clock does not notice a module that is being loaded.
import '../../src/app/history/fold-journal.js'
import '../../src/app/plan/plan-readings.js'
import '../../src/app/plan/plan-refusal.js'
import '../../src/app/run/execute-plan.js'
import '../../src/config/workflow-file.js'

/** No server listens at this address: requests are passed to the sandbox in memory. */
export const serverUrl = 'http://127.0.0.1:9'

/** A world for the use cases without the command: an embedded GitHub and journals, both in memory, and a clock that jumps. */
export class AppWorld implements AsyncDisposable {
  readonly memory = new JournalMemory()
  readonly graph: Graph
  readonly clock: TestClock
  readonly sandbox: Sandbox
  readonly builds: ScriptedExecutor

  private constructor(clock: TestClock, sandbox: Sandbox, builds: ScriptedExecutor) {
    this.clock = clock
    this.sandbox = sandbox
    this.builds = builds
    const parsed = parseGraphFile(exampleGraph)
    if (!parsed.ok) throw new Error('the example graph has errors')
    this.graph = parsed.graph
  }

  /** A world with the repositories A to E of the example graph. */
  static async open(): Promise<AppWorld> {
    await loadGraphQL()
    const clock = new TestClock(undefined, 12, hasMachineWork)
    const builds = createScriptedExecutor({ clock })
    const fixed = { clock, executor: builds, random: seededRandom(1), url: serverUrl }
    const sandbox = await createSandbox({ ...fixed, generateKeys: sharedKeys() })
    const world = new AppWorld(clock, sandbox, builds)
    for (const { repo } of world.graph.jobs) {
      await sandbox.admin.createRepository(repo)
      await sandbox.admin.commit(repo, 'main', { '.github/workflows/build.yml': buildWorkflow })
      sandbox.admin.requireStatus(repo, world.graph.statusContext)
    }
    return world
  }

  /** Pushes a branch with a change to a repository and opens its pull request. */
  async change(name: string, branch: string): Promise<void> {
    await this.sandbox.admin.commit(`acme/${name}`, branch, { 'change.txt': `${branch} in ${name}\n` })
    await this.sandbox.admin.openPull(`acme/${name}`, { head: branch, title: branch })
  }

  /** The newest status of the context on the head of a branch: `success`, or null. */
  async state(name: string, branch: string): Promise<string | null> {
    const sha = await this.sandbox.admin.branch(`acme/${name}`, branch)
    const statuses = this.sandbox.admin.statuses(`acme/${name}`, sha ?? '')
    return statuses.filter(({ context }) => context === this.graph.statusContext).at(-1)?.state ?? null
  }

  /** `acme/repoB` for each run that was created, in order. */
  dispatches(): string[] {
    const runs = this.sandbox.admin.runs().sort((a, b) => a.id - b.id)
    return runs.map(({ repository }) => repository)
  }

  /** A process that uses the journals and the GitHub of this world. */
  process(name: string): AppProcess {
    return new AppProcess(name, this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.until(this.sandbox.close())
  }
}

/** The dependencies of the use cases, as a process provides them. */
export interface ProcessPorts {
  host: Host
  store: Store
  clock: TestClock
  random: () => number
  frontend: Frontend
  note: (text: string) => void
}

/** One process: its own connection, its own view of the journals, and a reporter that records. */
export class AppProcess {
  readonly ports: ProcessPorts
  /** The reports, in order. */
  readonly events: Event[] = []
  /** The other lines that the user was shown. */
  readonly notes: string[] = []
  /** Number of reporters that were opened and not closed. */
  openReporters = 0
  private readonly listeners = new Set<(signal: string) => void>()
  private readonly name: string
  private readonly memory: JournalMemory
  private isDead = false

  constructor(name: string, { clock, sandbox, memory }: AppWorld) {
    this.name = name
    this.memory = memory
    const random = seededRandom(name.length)
    const host = createGitHub({
      apiUrl: `${serverUrl}/api/v3`,
      token: fixedToken(sandbox.token),
      clock,
      random,
      keepsLimits: false,
      fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
        this.isDead ? new Promise<Response>(() => undefined) : sandbox.fetch(input, init),
    })
    const driver = { name, pid: null }
    const store = createMemoryStore({ clock, memory, driver, onCancelRequest: () => this.interrupt('cancel request') })
    const frontend: Frontend = {
      openReporter: () => Promise.resolve(this.openReporter()),
      onInterrupt: (listener) => {
        this.listeners.add(listener)
        return () => void this.listeners.delete(listener)
      },
    }
    this.ports = { host, store, clock, random, frontend, note: (text) => void this.notes.push(text) }
  }

  private interrupt(signal: string): void {
    for (const listener of this.listeners) listener(signal)
  }

  /** Ends the process at once, as kill -9 does: nothing that it does reaches GitHub or the journals afterwards. */
  die(): void {
    this.isDead = true
    this.memory.release(this.name)
  }

  private openReporter() {
    this.openReporters += 1
    return {
      report: (event: Event) => void this.events.push(event),
      close: () => {
        this.openReporters -= 1
        return Promise.resolve()
      },
    }
  }
}
