import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Context, Screen } from '../../src/cli/context.js'
import { runCommandLine } from '../../src/cli/program.js'
import { createSandbox } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import type { ScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { seededRandom } from './random.js'
import { TestClock } from './test-clock.js'
// What the command loads when it needs it is loaded here: a module that is being loaded is no news to the clock.
import '../../src/cli/github-connection.js'
import '../../src/cli/sandbox-connection.js'
import '../../src/report/change-status-view.js'
import '../../src/report/github-actions.js'
import '../../src/report/invalidation-view.js'
import '../../src/report/json.js'
import '../../src/report/plain.js'
import '../../src/report/plan-json.js'
import '../../src/report/plan-view.js'
import '../../src/report/terminal.js'

/** The example graph; a scene may bring its own. */
export const exampleGraph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: {}
  repoB: { needs: repoA }
  repoC: { needs: repoA }
  repoD: { needs: repoA }
  repoE: { needs: [repoB, repoC, repoD] }
`

/** The workflow that every repository of a scene has. */
export const buildWorkflow = `name: build
on:
  workflow_dispatch:
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`

/** What a command left behind. */
export interface Ended {
  code: number
  stdout: string
  stderr: string
  /** The lines of stdout without their times, and with single spaces. */
  told: string[]
}

/** A command under way. */
export interface Going {
  ended: Promise<Ended>
  /** Sends a signal, as Ctrl-C does. */
  signal: (name?: string) => void
  /** What was printed so far. */
  stdout: () => string
}

export interface SceneOptions {
  graph?: string
  env?: Record<string, string>
  /** Repositories that only a token with a grant can see. */
  private?: string[]
  /** Workflow runs that are executed at the same time; 10 when absent. */
  runners?: number
}

interface Intervention {
  method: string
  path: RegExp
  act: () => unknown
}

export interface OrchOptions {
  env?: Record<string, string>
  /** A terminal of this size instead of a pipe. */
  terminal?: { columns: number; rows: number }
  /** What `git symbolic-ref --short HEAD` prints; left out: there is no git repository. */
  currentBranch?: string
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
  private readonly interventions: Intervention[] = []

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
    const clock = new TestClock(undefined, 12)
    const builds = createScriptedExecutor({ clock })
    const sandbox = await createSandbox({
      clock,
      executor: builds,
      random: seededRandom(1),
      url: 'http://127.0.0.1:9',
      concurrentRuns: options.runners ?? 10,
    })
    const directory = await mkdtemp(join(tmpdir(), 'orch-scene-'))
    const graph = options.graph ?? exampleGraph
    await writeFile(join(directory, 'orchestrator.yaml'), graph)
    const scene = new Scene(clock, sandbox, builds, directory, options.env ?? {})
    for (const name of new Set(graph.match(/\brepo[A-Z]\b/gu) ?? []))
      await scene.repository(name, {}, { private: options.private?.includes(name) ?? false })
    return scene
  }

  /** Creates a repository with a `build.yml` on main. */
  async repository(
    name: string,
    files: Record<string, string> = {},
    options: { private?: boolean } = {},
  ): Promise<void> {
    await this.sandbox.admin.createRepository(`acme/${name}`, options)
    const content = { '.github/workflows/build.yml': buildWorkflow, 'README.md': `# ${name}\n`, ...files }
    await this.sandbox.admin.commit(`acme/${name}`, 'main', content)
    this.sandbox.admin.requireStatus(`acme/${name}`, 'orchestrator-build')
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
    const sha = await this.sandbox.admin.branch(`acme/${name}`, branch)
    if (sha === null) throw new Error(`${name} has no branch ${branch}`)
    return this.sandbox.admin
      .statuses(`acme/${name}`, sha)
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

  /** Every request that could have changed something, `POST /repos/…`. */
  writes(): string[] {
    return this.sandbox.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`)
  }

  /** Does something right before the next request of this kind reaches GitHub, once. */
  before(method: string, path: RegExp, act: () => unknown): void {
    this.interventions.push({ method, path, act })
  }

  /** Lets time pass until the nth build of a repository has begun. */
  async untilBuilding(name: string, nth = 1): Promise<void> {
    await this.clock.until(this.builds.whenStarted(`acme/${name}`, nth))
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

  /** Everything below the folder of the graph file, but for that file. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.directory, { recursive: true })
    return entries.filter((entry) => entry !== 'orchestrator.yaml').sort()
  }

  /** The text of the only journal, and its path. */
  async journal(): Promise<{ path: string; text: string }> {
    const folder = join(this.directory, '.orch', 'orchestrations')
    const [name, ...more] = await readdir(folder)
    if (name === undefined || more.length > 0) throw new Error(`${more.length + 1} journals instead of one`)
    const path = join(folder, name)
    return { path, text: await readFile(path, 'utf8') }
  }

  /** Runs the command to its end; time passes as it needs. */
  async orch(args: string | readonly string[], options: OrchOptions = {}): Promise<Ended> {
    return this.clock.until(this.start(args, options).ended)
  }

  /** Starts the command; time passes only while the test waits with `clock.until` or `clock.advance`. */
  start(args: string | readonly string[], options: OrchOptions = {}): Going {
    const stdout = collect()
    const stderr = collect()
    const listeners = new Set<(signal: string) => void>()
    let exited: (code: number) => void = () => undefined
    const exit = new Promise<number>((resolve) => (exited = resolve))
    const screen = (stream: Writable): Screen => ({
      stream,
      isTTY: options.terminal !== undefined,
      size: () => options.terminal ?? { columns: 80, rows: 24 },
    })
    const context: Context = {
      argv: typeof args === 'string' ? args.split(' ').filter((word) => word !== '') : args,
      env: {
        GITHUB_API_URL: 'http://127.0.0.1:9',
        GH_ENTERPRISE_TOKEN: this.sandbox.token,
        NO_COLOR: '1',
        ...this.env,
        ...options.env,
      },
      cwd: this.directory,
      stdout: screen(stdout.stream),
      stderr: screen(stderr.stream),
      clock: this.clock,
      random: seededRandom(7),
      fetch: (input, init) => this.fetch(new Request(input, init)),
      onSignal: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      exit: (code) => exited(code),
      readProgram: (command) => Promise.resolve(command === 'git' ? (options.currentBranch ?? null) : null),
      runProgram: () => Promise.reject(new Error('no scene runs other programs')),
      nodeProgram: process.execPath,
    }
    const ended = Promise.race([runCommandLine(context), exit]).then((code) => ({
      code,
      stdout: stdout.text(),
      stderr: stderr.text(),
      told: stdout
        .text()
        .split('\n')
        .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+Z /u, '').replace(/ {2,}/gu, ' ')),
    }))
    return {
      ended,
      stdout: stdout.text,
      signal: (name = 'SIGINT') => {
        for (const listener of listeners) listener(name)
      },
    }
  }

  private async fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname
    const due = this.interventions.findIndex((each) => each.method === request.method && each.path.test(path))
    if (due >= 0) await this.interventions.splice(due, 1)[0]?.act()
    return this.sandbox.fetch(request)
  }

  async close(): Promise<void> {
    await this.clock.until(this.sandbox.close())
    await rm(this.directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function collect(): { stream: Writable; text: () => string } {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}
