import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createProcessExecutor } from '../../src/sandbox/process-executor.js'
import { createSandbox } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { exampleChange, seedFiles } from '../../src/sandbox/seed.js'
import type { ExampleVariant } from '../../src/sandbox/seed.js'
import { startCommand } from './command.js'
import type { Ended } from './command.js'
import { hasMachineWork } from './machine-work.js'
import { exampleGraph } from './example-graph.js'
import { TestClock } from './test-clock.js'

/**
 * The example repositories on disk, served by HTTP on 127.0.0.1, with builds that are really executed. The clock is stopped during a build
 * or a request, so that only the waits of the command take no time.
 */
export class RealScene implements AsyncDisposable {
  readonly sandbox: Sandbox
  private readonly clock: TestClock
  private readonly directory: string
  private readonly url: string

  private constructor(clock: TestClock, sandbox: Sandbox, directory: string, url: string) {
    this.clock = clock
    this.sandbox = sandbox
    this.directory = directory
    this.url = url
  }

  /**
   * A scene with the repositories A to E of `acme`, each with the rule that requires our status.
   * @param files by repository, or `repository@branch`, in place of those of the example; one that is not of the example is created
   */
  static async open({
    graph = exampleGraph,
    files: others = {},
  }: {
    graph?: string
    files?: Record<string, Record<string, string>>
  } = {}): Promise<RealScene> {
    const directory = await mkdtemp(join(tmpdir(), 'orch-real-scene-'))
    const clock = new TestClock(undefined, 12, hasMachineWork)
    const machine = createProcessExecutor({ workDirectory: join(directory, 'work'), clock })
    const executor = {
      execute: (execution: Parameters<typeof machine.execute>[0]) => clock.track(machine.execute(execution)),
    }
    const sandbox = await createSandbox({ stateDirectory: join(directory, 'sandbox'), clock, executor })
    await writeFile(join(directory, 'orchestrator.yaml'), graph)
    const jobs = ['A', 'B', 'C', 'D', 'E'].map((letter) => ({ job: `repo${letter}`, repo: `acme/repo${letter}` }))
    for (const { repo, defaultBranch, files } of await seedFiles(jobs)) {
      await sandbox.admin.createRepository(repo, { defaultBranch })
      await sandbox.admin.commit(repo, defaultBranch, files)
      sandbox.admin.requireStatus(repo, 'orchestrator-build')
    }
    for (const [place, files] of Object.entries(others)) {
      const [name = '', branch = 'main'] = place.split('@')
      if (!sandbox.admin.hasRepository(`acme/${name}`)) await sandbox.admin.createRepository(`acme/${name}`)
      await sandbox.admin.commit(`acme/${name}`, branch, files)
    }
    const { url } = await sandbox.listen()
    return new RealScene(clock, sandbox, directory, url)
  }

  /** Pushes the files of an example change for these repositories to the branch DPTA-1122. */
  async push(variant: ExampleVariant, names: readonly string[]): Promise<void> {
    for (const { name, files } of await exampleChange(variant)) {
      if (names.includes(name)) await this.sandbox.admin.commit(`acme/${name}`, 'DPTA-1122', files)
    }
  }

  openPull(name: string): Promise<number> {
    return this.sandbox.admin.openPull(`acme/${name}`, { head: 'DPTA-1122' })
  }

  /** Runs the command to its end; the builds take the time of this machine. */
  orch(words: string): Promise<Ended> {
    const env = { GITHUB_API_URL: `${this.url}/api/v3`, GH_ENTERPRISE_TOKEN: this.sandbox.token }
    const tracked: typeof fetch = (input, init) => this.clock.track(fetch(input, init))
    const surroundings = { directory: this.directory, clock: this.clock, env, fetch: tracked }
    return this.clock.until(startCommand(surroundings, words).ended)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close()
    await rm(this.directory, { recursive: true, force: true })
  }
}
