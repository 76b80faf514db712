import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProcessExecutor } from '../../src/sandbox/process-executor.js'
import { createSandbox } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { hangBell } from '../cli/support/bell.js'
import { oneJobGraph } from '../cli/support/work-folder.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const branch = 'DPTA-1122'
const orchestrator = 'acme/orchestrator'
const workflows = ['orchestrate.yml', 'orchestrate-invalidate.yml', 'trigger-and-wait.yml']

/** The repository that holds the graph file, with the workflows to copy, on an embedded GitHub that also has the repository of the Action. */
class Organization {
  readonly sandbox: Sandbox
  readonly #api: string
  readonly #folder: string
  #head = ''

  private constructor(sandbox: Sandbox, url: string, folder: string) {
    this.sandbox = sandbox
    this.#api = `${url}/api/v3`
    this.#folder = folder
  }

  static async open(): Promise<Organization> {
    const folder = await mkdtemp(join(tmpdir(), 'orch-organization-'))
    const executor = createProcessExecutor({ workDirectory: join(folder, 'work') })
    const sandbox = await createSandbox({ stateDirectory: join(folder, 'github'), executor })
    const { url } = await sandbox.listen()
    const opened = new Organization(sandbox, url, folder)
    await opened.#fill()
    return opened
  }

  async #fill(): Promise<void> {
    const { admin, token } = this.sandbox
    await admin.createRepository('ismenablement/orch')
    const action = ['action.yml', 'package.json', 'dist/action/main.js', 'dist/action/post.js']
    const read = async (path: string): Promise<[string, string]> => [path, await readFile(root + path, 'utf8')]
    await admin.commit('ismenablement/orch', 'v1', Object.fromEntries(await Promise.all(action.map(read))))
    await admin.createRepository(orchestrator)
    const copied = workflows.map(async (name): Promise<[string, string]> => {
      const text = await readFile(`${root}config/workflows/${name}`, 'utf8')
      // The embedded GitHub has no secrets.
      return [`.github/workflows/${name}`, text.replaceAll('${{ secrets.ORCH_TOKEN }}', token)]
    })
    const files = Object.fromEntries(await Promise.all(copied))
    await admin.commit(orchestrator, 'main', { 'orchestrator.yaml': oneJobGraph, ...files })
    await admin.createRepository('acme/lib')
    const build = await readFile(`${root}config/workflows/build.yml`, 'utf8')
    const quick = build.replace('npm ci && npm test', 'echo built')
    await admin.commit('acme/lib', 'main', { '.github/workflows/build.yml': quick })
    this.#head = await admin.commit('acme/lib', branch, { 'change.txt': 'a change\n' })
    await admin.openPull('acme/lib', { head: branch })
  }

  /** Starts a workflow of the orchestrator by hand, and waits for its end. Returns its conclusion. */
  async run(workflow: string, inputs: Record<string, string>): Promise<string | null> {
    await this.#post(`repos/${orchestrator}/actions/workflows/${workflow}/dispatches`, { ref: 'main', inputs })
    return this.#lastConclusion()
  }

  /** Starts `orchestrate` for a change whose build takes ten minutes, and cancels it when the build has begun. Returns the states of the change. */
  async cancelOrchestration(name: string): Promise<string[]> {
    const { admin } = this.sandbox
    const bell = await hangBell()
    const script = `node -e 'fetch("${bell.url}").then((answer) => answer.text())' && sleep 600`
    const build = await readFile(`${root}config/workflows/build.yml`, 'utf8')
    const slow = { '.github/workflows/build.yml': build.replace('npm ci && npm test', script) }
    const head = await admin.commit('acme/lib', name, slow)
    await admin.openPull('acme/lib', { head: name })
    await this.#post(`repos/${orchestrator}/actions/workflows/orchestrate.yml/dispatches`, {
      ref: 'main',
      inputs: { branch: name },
    })
    await bell.rung
    bell.close()
    await this.#post(`repos/${orchestrator}/actions/runs/${admin.runs(orchestrator).at(-1)?.id}/cancel`, {})
    await admin.idle()
    return this.#statesOf(head)
  }

  /** The conclusions of the newest run of the orchestrator and of the newest build. */
  newest(): (string | null | undefined)[] {
    const { admin } = this.sandbox
    return [orchestrator, 'acme/lib'].map((name) => admin.runs(name).at(-1)?.attempts.at(-1)?.conclusion)
  }

  /** Sends an event to the orchestrator, and waits for the end of what it starts. Returns its conclusion. */
  async send(eventType: string, payload: Record<string, string>): Promise<string | null> {
    await this.#post(`repos/${orchestrator}/dispatches`, { event_type: eventType, client_payload: payload })
    return this.#lastConclusion()
  }

  /** The states of the change, oldest first. */
  states(): string[] {
    return this.#statesOf(this.#head)
  }

  #statesOf(sha: string): string[] {
    const statuses = this.sandbox.admin.statuses('acme/lib', sha)
    return statuses.filter(({ context }) => context === 'orchestrator-build').map(({ state }) => state)
  }

  /** The number of builds that were started. */
  builds(): number {
    return this.sandbox.admin.runs('acme/lib').length
  }

  async #post(path: string, body: object): Promise<void> {
    const headers = { authorization: `Bearer ${this.sandbox.token}` }
    const answer = await fetch(`${this.#api}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.ok).toBe(true)
  }

  async #lastConclusion(): Promise<string | null> {
    await this.sandbox.admin.idle()
    return this.sandbox.admin.runs(orchestrator).at(-1)?.attempts.at(-1)?.conclusion ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

describe('the workflows of the orchestrator on the embedded GitHub', () => {
  let organization: Organization
  beforeAll(async () => {
    organization = await Organization.open()
  })
  afterAll(() => organization[Symbol.asyncDispose]())

  test('orchestrate builds a change and unlocks it; an event invalidates it', async () => {
    expect(await organization.run('orchestrate.yml', { branch })).toBe('success')
    expect(organization.states()).toEqual(['pending', 'success'])

    expect(await organization.send('invalidate', { branch, reason: 'lib changed' })).toBe('success')
    expect(organization.states()).toEqual(['pending', 'success', 'pending'])
  })

  test('orchestrate fails for a branch that no change has', async () => {
    const before = organization.states()
    expect(await organization.run('orchestrate.yml', { branch: '--dry-run' })).toBe('failure')
    expect(organization.states()).toEqual(before)
  })

  test('a cancelled orchestrate cancels its builds and closes the statuses', async () => {
    expect(await organization.cancelOrchestration('DPTA-7')).toEqual(['pending', 'error'])
    expect(organization.newest()).toEqual(['cancelled', 'cancelled'])
  })

  test('trigger-and-wait starts a workflow once for each run_id and waits for it, and posts no status', async () => {
    const before = { builds: organization.builds(), states: organization.states() }
    const inputs = { repo: 'acme/lib', branch, workflow: 'build.yml', run_id: 'release-7', run_timeout_seconds: '900' }

    expect(await organization.run('trigger-and-wait.yml', inputs)).toBe('success')
    expect(organization.builds()).toBe(before.builds + 1)
    expect(await organization.run('trigger-and-wait.yml', inputs)).toBe('success')
    expect(organization.builds()).toBe(before.builds + 1)

    expect(organization.states()).toEqual(before.states)
  })

  test.each([
    ['repo', "acme/lib' , x: '"],
    ['workflow', '../build.yml'],
    ['run_id', 'x\n--sandbox'],
    ['run_timeout_seconds', '0'],
  ])('trigger-and-wait refuses a wrong %s, and starts nothing', async (name, value) => {
    const builds = organization.builds()
    const inputs = { repo: 'acme/lib', branch, workflow: 'build.yml', run_id: '', run_timeout_seconds: '900' }

    expect(await organization.run('trigger-and-wait.yml', { ...inputs, [name]: value })).toBe('failure')

    expect(organization.builds()).toBe(builds)
  })
})
