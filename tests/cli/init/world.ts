import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createSandbox } from '../../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { requestInProcess } from '../../../src/sandbox/http/in-process.js'
import { startCommand } from '../../support/command.js'
import type { CommandOptions, Ended, RunningCommand } from '../../support/command.js'
import { loadGraphQL } from '../../support/load-graphql.js'
import { seededRandom } from '../../support/random.js'
import { TestClock } from '../../support/test-clock.js'
// Loaded first: the test clock does not notice a module that is being loaded.
import '../../../src/cli/commands/init/make-playground.js'
import '../../../src/cli/commands/init/run-init.js'
import '../../../src/cli/init/ask-on-terminal.js'

const address = 'http://127.0.0.1:9'

export const dispatchable = 'on: workflow_dispatch\njobs: {}\n'

/** An embedded GitHub in memory, and an empty folder in which `orch init` is run. */
export class InitWorld implements AsyncDisposable {
  readonly sandbox: Sandbox
  readonly directory: string
  private readonly clock: TestClock

  private constructor(sandbox: Sandbox, directory: string, clock: TestClock) {
    this.sandbox = sandbox
    this.directory = directory
    this.clock = clock
  }

  static async open(): Promise<InitWorld> {
    await loadGraphQL()
    const clock = new TestClock(undefined, 12)
    const executor = createScriptedExecutor({ clock })
    const sandbox = await createSandbox({ clock, executor, random: seededRandom(1), url: address })
    return new InitWorld(sandbox, await mkdtemp(join(tmpdir(), 'orch-init-')), clock)
  }

  /** A world in which shop needs api, and api needs lib. */
  static async withShop(): Promise<InitWorld> {
    const world = await InitWorld.open()
    await world.repository('acme/lib', { 'package.json': '{\n  "name": "@acme/lib"\n}\n' })
    await world.repository('acme/api', {
      'go.mod': 'module acme.example/api\n',
      '.gitmodules': '[submodule "lib"]\n\turl = ../lib.git\n',
    })
    await world.repository('acme/shop', {
      'package.json': '{\n  "dependencies": {\n    "@acme/lib": "1"\n  }\n}\n',
      Dockerfile: 'FROM ghcr.io/acme/api:1\n',
    })
    return world
  }

  async repository(repo: string, files: Record<string, string> = {}): Promise<void> {
    await this.sandbox.admin.createRepository(repo)
    await this.sandbox.admin.commit(repo, 'main', { '.github/workflows/build.yml': dispatchable, ...files })
  }

  start(words: string | readonly string[], options: CommandOptions = {}): RunningCommand {
    const fetchInProcess: typeof fetch = (input, init) => this.sandbox.fetch(requestInProcess(input, init))
    const env = { GITHUB_API_URL: `${address}/api/v3`, GH_ENTERPRISE_TOKEN: this.sandbox.token }
    return startCommand({ directory: this.directory, clock: this.clock, env, fetch: fetchInProcess }, words, options)
  }

  orch(words: string | readonly string[], options: CommandOptions = {}): Promise<Ended> {
    // Nothing sleeps: a question waits for a person, and not for the clock.
    return this.start(words, options).ended
  }

  /** The graph file that was written. */
  file(): Promise<string> {
    return readFile(join(this.directory, 'orchestrator.yaml'), 'utf8')
  }

  async files(): Promise<string[]> {
    return (await readdir(this.directory)).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close()
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** Keys as a terminal sends them. */
export const key = { enter: '\r', down: '\u001b[B', tab: '\t', space: ' ', ctrlC: '\u0003' }

/** A question that has not appeared by then never does. */
const longestWaitMs = 20_000

/** A person at the keyboard who answers one question after the other. */
export class Typist {
  readonly keyboard = new PassThrough()
  private command: RunningCommand | null = null
  private hasEnded = false

  /** Watches the command that reads the keyboard. */
  watch(command: RunningCommand): void {
    this.command = command
    void command.ended.finally(() => (this.hasEnded = true))
  }

  /** Presses the keys when the question has appeared; fails if the command ends before it. */
  async answer(question: string, ...keys: readonly string[]): Promise<void> {
    await this.until((stdout) => stdout.includes(question), question)
    for (const each of keys) {
      this.keyboard.write(each)
      // A key that follows at once would be read as part of a sequence.
      await tick()
    }
  }

  async until(holds: (stdout: string) => boolean, what: string): Promise<void> {
    const { command } = this
    if (!command) throw new Error('no command is watched')
    const deadline = performance.now() + longestWaitMs
    while (!holds(command.stdout())) {
      if (this.hasEnded || performance.now() > deadline) throw new Error(`there was no "${what}":\n${command.stdout()}`)
      await tick()
    }
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2))
}
