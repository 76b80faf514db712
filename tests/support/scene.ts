import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { requestInProcess } from '../../src/sandbox/http/in-process.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import type { ScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { sharedKeys } from './app-keys.js'
import { startCommand } from './command.js'
import type { CommandOptions, Ended, RunningCommand } from './command.js'
import { buildWorkflow, exampleGraph } from './example-graph.js'
import { loadGraphQL } from './load-graphql.js'
import { hasMachineWork } from './machine-work.js'
import { seededRandom } from './random.js'
import { TestClock } from './test-clock.js'

/** The duration of a build that no script defines. Each second of it is polled, so that longer builds make every scene slower. */
const buildMs = 5_000

/** No server listens at this address: requests are passed in process. */
const address = 'http://127.0.0.1:9'

export interface SceneOptions {
  graph?: string
  env?: Record<string, string>
  /** The duration of a build that no script defines (default: 5 s). */
  buildMs?: number
  /** Repositories that only a token with a grant can see. */
  private?: string[]
  /** Repositories without the rule that requires our status. */
  unprotected?: string[]
}

export interface SceneCommandOptions extends CommandOptions {
  /** Once `isCut` is set, no request of this command reaches GitHub, as if its machine were lost. */
  network?: { isCut: boolean }
  /** A folder other than the scene's, with its own graph file. */
  directory?: string
}

interface Intervention {
  method: string
  path: RegExp
  act: () => unknown
}

interface Alteration {
  path: RegExp
  times: number
  change: (body: string) => string
}

/**
 * One test's world: an embedded GitHub in memory, a folder with a graph file, a clock that jumps, and the real command.
 * Repositories are named without their owner, which is `acme`. Close it with `await using` or `close`.
 */
export class Scene implements AsyncDisposable {
  readonly clock: TestClock
  readonly sandbox: Sandbox
  readonly builds: ScriptedExecutor
  readonly directory: string
  private readonly env: Record<string, string>
  private readonly otherFolders: string[] = []
  private readonly interventions: Intervention[] = []
  private readonly alterations: Alteration[] = []

  private constructor(
    clock: TestClock,
    sandbox: Sandbox,
    builds: ScriptedExecutor,
    directory: string,
    env: Record<string, string>,
  ) {
    this.clock = clock
    this.sandbox = sandbox
    this.builds = builds
    this.directory = directory
    this.env = env
  }

  /** A scene whose repositories A to E (those of the graph) exist with a `build.yml` and a rule that requires our status. */
  static async open(options: SceneOptions = {}): Promise<Scene> {
    await loadGraphQL()
    const clock = new TestClock(undefined, 12, hasMachineWork)
    const builds = createScriptedExecutor({ clock, durationMs: options.buildMs ?? buildMs })
    const sandbox = await createSandbox({
      clock,
      executor: builds,
      random: seededRandom(1),
      url: address,
      generateKeys: sharedKeys(),
      concurrentRuns: 10,
    })
    const directory = await mkdtemp(join(tmpdir(), 'orch-scene-'))
    const graph = options.graph ?? exampleGraph
    await writeFile(join(directory, 'orchestrator.yaml'), graph)
    const scene = new Scene(clock, sandbox, builds, directory, options.env ?? {})
    for (const name of new Set(graph.match(/\brepo[A-Z]\b/gu) ?? []))
      await scene.repository(
        name,
        {},
        { private: options.private?.includes(name), unprotected: options.unprotected?.includes(name) },
      )
    return scene
  }

  /** Creates a repository with a `build.yml` on main, and with the rule unless it is to be unprotected. */
  async repository(
    name: string,
    files: Record<string, string> = {},
    options: { private?: boolean | undefined; unprotected?: boolean | undefined } = {},
  ): Promise<void> {
    await this.sandbox.admin.createRepository(`acme/${name}`, { private: options.private ?? false })
    const content = { '.github/workflows/build.yml': buildWorkflow, 'README.md': `# ${name}\n`, ...files }
    await this.sandbox.admin.commit(`acme/${name}`, 'main', content)
    if (options.unprotected !== true) this.sandbox.admin.requireStatus(`acme/${name}`, 'orchestrator-build')
  }

  /** Pushes a commit to a branch; returns its SHA. */
  push(
    name: string,
    branch: string,
    files: Record<string, string | null> = { 'change.txt': `${branch} ${this.clock.now()}\n` },
  ): Promise<string> {
    return this.sandbox.admin.commit(`acme/${name}`, branch, files)
  }

  /** Pushes a branch and opens its pull request; returns its number. */
  async change(name: string, branch: string): Promise<number> {
    await this.push(name, branch, { 'change.txt': `${branch} in ${name}\n` })
    return this.sandbox.admin.openPull(`acme/${name}`, { head: branch, title: `${branch}: change ${name}` })
  }

  /** Statuses on the head of a branch, newest first, as `state description`. */
  async statuses(name: string, branch: string): Promise<string[]> {
    return this.statusesOf(name, await this.head(name, branch))
  }

  /** Statuses of a context on a commit, newest first, as `state description`. */
  statusesOf(name: string, sha: string, context = 'orchestrator-build'): string[] {
    return this.sandbox.admin
      .statuses(`acme/${name}`, sha)
      .filter((status) => status.context === context)
      .map(({ state, description }) => `${state} ${description ?? ''}`)
      .reverse()
  }

  /** The newest status on the head of a branch, without the ids in it. */
  async status(name: string, branch: string): Promise<string> {
    return (
      (await this.statuses(name, branch))[0]
        ?.replace(/\b(run|inv):[a-z0-9]+/u, '$1:ID')
        .replace(/set:[0-9a-f]{12}/u, 'set:DIGEST') ?? 'none'
    )
  }

  /** `repoB build.yml@DPTA-1` for each run that was created, in order. */
  dispatches(): string[] {
    return this.sandbox.admin
      .runs()
      .sort((a, b) => a.id - b.id)
      .map(
        ({ repository, workflowPath, ref }) =>
          `${repository.replace('acme/', '')} ${workflowPath.split('/').at(-1) ?? ''}@${ref.replace('refs/heads/', '')}`,
      )
  }

  /** Every request that could have changed data, `POST /repos/…`; a query cannot. */
  writes(): string[] {
    return this.sandbox.requests
      .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/graphql'))
      .map(({ method, path }) => `${method} ${path}`)
  }

  /** `success repoB` for each requested status of the context, in order; for the statuses of the jobs use `orchestrator-build/<job>`. */
  posts(context = 'orchestrator-build'): string[] {
    return this.sandbox.requests.flatMap(({ method, path, body }) => {
      const repository = /^\/repos\/acme\/([^/]+)\/statuses\//u.exec(path)?.[1]
      if (method !== 'POST' || repository === undefined) return []
      const post = body as { context: string; state: string }
      return post.context === context ? [`${post.state} ${repository}`] : []
    })
  }

  /** Runs a function right before the next request of this kind reaches GitHub; a second registration waits for the request after it. */
  before(method: string, path: RegExp, act: () => unknown): void {
    this.interventions.push({ method, path, act })
  }

  /** Changes the successful answers of GitHub to the next requests to a path. */
  alter(path: RegExp, times: number, change: (body: string) => string): void {
    this.alterations.push({ path, times, change })
  }

  /** Lets time pass until the next request of this kind reaches GitHub. */
  async untilAsked(method: string, path: RegExp): Promise<void> {
    await this.clock.until(new Promise((resolve) => this.before(method, path, () => resolve(undefined))))
  }

  /** Lets time pass until the nth build of a repository has begun. */
  async untilBuilding(name: string, nth = 1): Promise<void> {
    await this.clock.until(this.builds.whenStarted(`acme/${name}`, nth))
  }

  /** SHA of the head of a branch. */
  async head(name: string, branch: string): Promise<string> {
    const sha = await this.sandbox.admin.branch(`acme/${name}`, branch)
    if (sha === null) throw new Error(`${name} has no branch ${branch}`)
    return sha
  }

  /** Conclusions of the runs of a repository, oldest first; null: not completed. */
  conclusions(name: string): (string | null)[] {
    return this.sandbox.admin.runs(`acme/${name}`).map(({ attempts }) => attempts.at(-1)?.conclusion ?? null)
  }

  /** Posts a status on a commit, by default as another user. */
  async postStatus(
    name: string,
    sha: string,
    state: string,
    description: string,
    { by = 'somebody', ...more }: { by?: string; context?: string; target_url?: string } = {},
  ): Promise<void> {
    const token = this.sandbox.admin.createToken(by)
    const response = await this.sandbox.fetch(
      new Request(`${address}/repos/acme/${name}/statuses/${sha}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({ state, description, context: 'orchestrator-build', ...more }),
      }),
    )
    if (response.status !== 201) throw new Error(`the status was answered with ${response.status}`)
  }

  /** Merges a pull request; resolves to GitHub's refusal, or null when it is merged. */
  async merge(name: string, number: number): Promise<string | null> {
    try {
      await this.sandbox.admin.mergePull(`acme/${name}`, number)
      return null
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** Everything below the folder of the graph file, except that file. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.directory, { recursive: true })
    return entries.filter((entry) => entry !== 'orchestrator.yaml').sort()
  }

  /** The text of the only journal, and its path. */
  async journal(): Promise<{ path: string; text: string }> {
    const folder = join(this.directory, '.orch', 'orchestrations')
    const [name, ...more] = (await readdir(folder)).filter((file) => file.endsWith('.jsonl'))
    if (name === undefined || more.length > 0) throw new Error(`${more.length + 1} journals instead of one`)
    const path = join(folder, name)
    return { path, text: await readFile(path, 'utf8') }
  }

  /** A folder with the same graph file and nothing else, as on another machine. */
  async anotherFolder(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'orch-scene-'))
    this.otherFolders.push(directory)
    await cp(join(this.directory, 'orchestrator.yaml'), join(directory, 'orchestrator.yaml'))
    return directory
  }

  /** Runs the command to its end; time passes as it needs. */
  async orch(words: string | readonly string[], options: SceneCommandOptions = {}): Promise<Ended> {
    return this.clock.until(this.start(words, options).ended)
  }

  /** Starts the command; time passes only while the test waits with `clock.until` or `clock.advance`. */
  start(words: string | readonly string[], options: SceneCommandOptions = {}): RunningCommand {
    const { network = { isCut: false }, directory = this.directory } = options
    const env = { GITHUB_API_URL: `${address}/api/v3`, GH_ENTERPRISE_TOKEN: this.sandbox.token, ...this.env }
    const surroundings = {
      directory,
      clock: this.clock,
      env,
      fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) =>
        network.isCut ? new Promise<Response>(() => undefined) : this.fetch(requestInProcess(input, init)),
    }
    return startCommand(surroundings, words, options)
  }

  private async fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace('/api/v3', '')
    const due = this.interventions.findIndex((each) => each.method === request.method && each.path.test(path))
    if (due >= 0) await this.interventions.splice(due, 1)[0]?.act()
    return this.altered(path, await this.sandbox.fetch(request))
  }

  private async altered(path: string, response: Response): Promise<Response> {
    const due = this.alterations.find((each) => each.times > 0 && each.path.test(path))
    if (!due || response.status !== 200) return response
    due.times -= 1
    return new Response(due.change(await response.text()), { status: response.status, headers: response.headers })
  }

  async close(): Promise<void> {
    await this.clock.until(this.sandbox.close())
    for (const folder of [this.directory, ...this.otherFolders]) await rm(folder, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
