import { mkdtemp, rm, writeFile } from 'node:fs/promises'
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

const buildWorkflow = `name: build
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
    const sandbox = await createSandbox({ clock, executor: builds, random: seededRandom(1), url: 'http://127.0.0.1:9' })
    const directory = await mkdtemp(join(tmpdir(), 'orch-scene-'))
    const graph = options.graph ?? exampleGraph
    await writeFile(join(directory, 'orchestrator.yaml'), graph)
    const scene = new Scene(clock, sandbox, builds, directory, options.env ?? {})
    for (const name of new Set(graph.match(/\brepo[A-Z]\b/gu) ?? [])) await scene.repository(name)
    return scene
  }

  /** Creates a repository with a `build.yml` on main. */
  async repository(name: string, files: Record<string, string> = {}): Promise<void> {
    await this.sandbox.admin.createRepository(`acme/${name}`)
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

  /** Runs the command to its end; time passes as it needs. */
  async orch(args: string, options: OrchOptions = {}): Promise<Ended> {
    return this.clock.until(this.start(args, options).ended)
  }

  /** Starts the command; time passes only while the test waits with `clock.until` or `clock.advance`. */
  start(args: string, options: OrchOptions = {}): Going {
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
      argv: args.split(' ').filter((word) => word !== ''),
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
      fetch: (input, init) => this.sandbox.fetch(new Request(input, init)),
      onSignal: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      exit: (code) => exited(code),
      readProgram: (command) => Promise.resolve(command === 'git' ? (options.currentBranch ?? null) : null),
    }
    const ended = Promise.race([runCommandLine(context), exit]).then((code) => ({
      code,
      stdout: stdout.text(),
      stderr: stderr.text(),
    }))
    return {
      ended,
      stdout: stdout.text,
      signal: (name = 'SIGINT') => {
        for (const listener of listeners) listener(name)
      },
    }
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
