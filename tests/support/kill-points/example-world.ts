import { createSandbox } from '../../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { loadGraphQL } from '../load-graphql.js'
import { seededRandom } from '../random.js'
import { buildWorkflow } from '../example-graph.js'
import { TestClock } from '../test-clock.js'

/** No server listens at this address: requests are passed in process. */
export const address = 'http://127.0.0.1:9'
export const branch = 'DPTA-1'

export const names = ['repoA', 'repoB', 'repoC', 'repoD', 'repoE'] as const

/** The dependencies of each job of the example graph. */
export const needsOf: Readonly<Record<string, readonly string[]>> = {
  repoA: [],
  repoB: ['repoA'],
  repoC: ['repoA'],
  repoD: ['repoA'],
  repoE: ['repoB', 'repoC', 'repoD'],
}

const markedWorkflow = `name: build
run-name: 'build [orch:\${{ inputs.orch_id }}]'
on:
  workflow_dispatch:
    inputs:
      orch_id: { type: string, default: '' }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`

export interface WorldOptions {
  /** Whether the workflows show the marker by which the run of a lost dispatch is found. */
  marked: boolean
  /** The repositories that have the branch. */
  members: readonly string[]
  /** The repository whose build fails soon after its start. */
  failing?: string
}

/** The builds have different lengths, ms, so that parallel ones end one after the other. */
const durations: Readonly<Record<string, number>> = {
  repoA: 2_000,
  repoB: 4_000,
  repoC: 2_000,
  repoD: 6_000,
  repoE: 2_000,
}

/** The example change on an embedded GitHub in memory, under a clock that jumps. The same options give the same commits and times. */
export class ExampleWorld implements AsyncDisposable {
  readonly clock: TestClock
  readonly sandbox: Sandbox
  readonly options: WorldOptions
  /** By name of the repository. */
  readonly heads: ReadonlyMap<string, string>

  private constructor(clock: TestClock, sandbox: Sandbox, options: WorldOptions, heads: ReadonlyMap<string, string>) {
    this.clock = clock
    this.sandbox = sandbox
    this.options = options
    this.heads = heads
  }

  /** @param isBusy reports work that cannot be tracked, such as that of a real disk */
  static async open(options: WorldOptions, isBusy?: () => boolean): Promise<ExampleWorld> {
    await loadGraphQL()
    const clock = new TestClock(undefined, 4, isBusy)
    const builds = createScriptedExecutor({ clock })
    for (const name of names) {
      const conclusion = name === options.failing ? 'failure' : 'success'
      builds.script(`acme/${name}`).concludes(conclusion, { after: durations[name] ?? 0, times: Infinity })
    }
    const random = seededRandom(1)
    const sandbox = await createSandbox({ clock, executor: builds, random, url: address, concurrentRuns: 10 })
    const heads = new Map<string, string>()
    const workflow = options.marked ? markedWorkflow : buildWorkflow
    for (const name of names) {
      const repo = `acme/${name}`
      await sandbox.admin.createRepository(repo)
      await sandbox.admin.commit(repo, 'main', { '.github/workflows/build.yml': workflow })
      if (!options.members.includes(name)) continue
      heads.set(name, await sandbox.admin.commit(repo, branch, { 'change.txt': `${branch} in ${name}\n` }))
      await sandbox.admin.openPull(repo, { head: branch })
    }
    return new ExampleWorld(clock, sandbox, options, heads)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clock.until(this.sandbox.close())
  }
}
