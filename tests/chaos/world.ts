import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, DEVELOPER } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { seededRandom } from '../support/random.js'
import { buildWorkflow, exampleGraph } from '../support/example-graph.js'
import type { Case } from './draw.js'
import { repositories } from './draw.js'
import type { Evidence, SeenRun } from './evidence.js'
import { currentLine } from './gateway.js'
import type { ScaledClock } from './scaled-clock.js'

export const branch = 'DPTA-1122'
const context = 'orchestrator-build'

const markedWorkflow = `name: build
run-name: "build [orch:\${{ inputs.orch_id }}]"
on:
  workflow_dispatch:
    inputs:
      orch_id: { type: string }
jobs: { build: { runs-on: x, steps: [{ run: 'true' }] } }
`

/** The embedded sandbox of one orchestration, in memory, and the folders of the machines that use it. */
export class World {
  readonly sandbox: Sandbox
  readonly heads: Evidence['heads'] = []
  readonly #case: Case
  readonly #clock: ScaledClock
  readonly #lines: ReadonlyMap<number, string>
  readonly #folders: string[] = []

  private constructor(chaos: Case, clock: ScaledClock, sandbox: Sandbox, lines: ReadonlyMap<number, string>) {
    this.#case = chaos
    this.#clock = clock
    this.sandbox = sandbox
    this.#lines = lines
  }

  static async open(chaos: Case, clock: ScaledClock): Promise<World> {
    const scripted = createScriptedExecutor({ clock })
    const lines = new Map<number, string>()
    const executor: typeof scripted = {
      ...scripted,
      execute: (execution) => {
        lines.set(execution.runId, currentLine.getStore() ?? 'nobody')
        return scripted.execute(execution)
      },
    }
    const random = seededRandom(chaos.seed)
    const sandbox = await createSandbox({ clock, executor, random, concurrentRuns: 1_000 })
    const world = new World(chaos, clock, sandbox, lines)
    await world.#seed()
    for (const { repo, conclusion, ...options } of chaos.builds) {
      scripted.script(`acme/${repo}`).concludes(conclusion, { ...options, times: Infinity })
    }
    sandbox.admin.forgetPast()
    return world
  }

  async #seed(): Promise<void> {
    const { admin } = this.sandbox
    for (const repo of repositories) {
      const workflow = this.#case.isMarked ? markedWorkflow : buildWorkflow
      await admin.createRepository(`acme/${repo}`)
      await admin.commit(`acme/${repo}`, 'main', {
        '.github/workflows/build.yml': workflow,
        'README.md': `# ${repo}\n`,
      })
      admin.requireStatus(`acme/${repo}`, context)
      if (this.#case.members.includes(repo)) await this.push(repo)
      else this.heads.push({ at: this.#clock.now(), repo, sha: null })
      if (this.#case.pulls.includes(repo)) await admin.openPull(`acme/${repo}`, { head: branch })
    }
  }

  /** Moves the head of the change in a repository, or creates it there. */
  async push(repo: string): Promise<void> {
    const files = { 'change.txt': `${branch} in ${repo}, push ${this.heads.length}\n` }
    const sha = await this.sandbox.admin.commit(`acme/${repo}`, branch, files)
    this.heads.push({ at: this.#clock.now(), repo, sha })
  }

  /** Uses up the primary rate limit for `ms`; the function returned lifts it. */
  limit(ms: number, status: 403 | 429): () => void {
    const { admin } = this.sandbox
    admin.setRateLimit(DEVELOPER, 5_000, 0, { resetMs: ms, status })
    return () => admin.setRateLimit(DEVELOPER, 5_000)
  }

  /** A machine: a folder with the graph file. */
  async machine(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'orch-chaos-'))
    this.#folders.push(folder)
    const [first] = this.#folders
    if (first === undefined || first === folder) {
      await writeFile(
        join(folder, 'orchestrator.yaml'),
        exampleGraph.replace('jobs:', 'defaults: { timeout-minutes: 15 }\njobs:'),
      )
    } else await cp(join(first, 'orchestrator.yaml'), join(folder, 'orchestrator.yaml'))
    return folder
  }

  statuses(): Evidence['statuses'] {
    const shas = this.heads.flatMap(({ repo, sha }) => (sha === null ? [] : [{ repo, sha }]))
    return shas
      .flatMap(({ repo, sha }) =>
        this.sandbox.admin
          .statuses(`acme/${repo}`, sha)
          .filter(({ context }) => context === 'orchestrator-build')
          .map(({ id, createdAt, state, description }) => ({
            id,
            at: createdAt,
            repo,
            sha,
            state,
            description: description ?? '',
          })),
      )
      .sort((one, other) => one.id - other.id)
  }

  runs(): SeenRun[] {
    return this.sandbox.admin.runs().map((run) => {
      const attempt = run.attempts.at(-1)
      return {
        id: run.id,
        line: this.#lines.get(run.id) ?? 'nobody',
        repo: run.repository.replace('acme/', ''),
        headSha: run.headSha,
        title: run.displayTitle,
        createdAt: run.createdAt,
        completedAt: attempt?.status === 'completed' ? attempt.updatedAt : null,
        conclusion: attempt?.conclusion ?? null,
        isCancelAsked: run.attempts.some(({ cancelRequested }) => cancelRequested),
      }
    })
  }

  async close(): Promise<void> {
    await this.sandbox.close()
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true })
  }
}
