import { parseGraphFile } from '../../src/config/graph-file.js'
import { fixedToken } from '../../src/github/api/token.js'
import { createGitHub } from '../../src/github/github.js'
import type { GitHub } from '../../src/github/github.js'
import type { Graph } from '../../src/model/graph.js'
import { createSandbox } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import type { ScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { buildWorkflow, exampleGraph } from './example-graph.js'
import { realClock } from './queue-room.js'
import { seededRandom } from './random.js'

/** The example repositories on an embedded GitHub whose time is the machine's, served by HTTP on 127.0.0.1. Builds take 300 ms unless scripted. */
export class RealTimeGitHub implements AsyncDisposable {
  readonly graph: Graph
  readonly sandbox: Sandbox
  readonly builds: ScriptedExecutor
  readonly url: string

  private constructor(sandbox: Sandbox, builds: ScriptedExecutor, url: string) {
    this.sandbox = sandbox
    this.builds = builds
    this.url = url
    const parsed = parseGraphFile(exampleGraph)
    if (!parsed.ok) throw new Error('the example graph has errors')
    this.graph = parsed.graph
  }

  static async open(): Promise<RealTimeGitHub> {
    const builds = createScriptedExecutor({ clock: realClock })
    const sandbox = await createSandbox({ clock: realClock, executor: builds, random: seededRandom(1) })
    const { url } = await sandbox.listen()
    const github = new RealTimeGitHub(sandbox, builds, url)
    for (const { repo } of github.graph.jobs) {
      await sandbox.admin.createRepository(repo)
      await sandbox.admin.commit(repo, 'main', { '.github/workflows/build.yml': buildWorkflow })
      sandbox.admin.requireStatus(repo, github.graph.statusContext)
      builds.script(repo).concludes('success', { after: 300, times: Infinity })
    }
    return github
  }

  /** A connection as a process has it. */
  connect(): GitHub {
    return createGitHub({
      apiUrl: `${this.url}/api/v3`,
      token: fixedToken(this.sandbox.token),
      clock: realClock,
      random: Math.random,
      keepsLimits: false,
      fetch,
    })
  }

  /** Pushes a branch with a change to repositories and opens their pull requests. */
  async change(branch: string, ...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.sandbox.admin.commit(`acme/${name}`, branch, { 'change.txt': `${branch} in ${name}\n` })
      await this.sandbox.admin.openPull(`acme/${name}`, { head: branch, title: branch })
    }
  }

  /** `repoB DPTA-1` for each run that was created, sorted. */
  dispatches(): string[] {
    return this.sandbox.admin
      .runs()
      .map(({ repository, ref }) => `${repository.replace('acme/', '')} ${ref.replace('refs/heads/', '')}`)
      .sort()
  }

  /** States of the context that were posted on the head of a branch, oldest first. */
  async states(name: string, branch: string): Promise<string[]> {
    const sha = (await this.sandbox.admin.branch(`acme/${name}`, branch)) ?? ''
    const statuses = this.sandbox.admin.statuses(`acme/${name}`, sha)
    return statuses.filter(({ context }) => context === this.graph.statusContext).map(({ state }) => state)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.sandbox.close()
  }
}
