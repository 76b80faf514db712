import { createHmac } from 'node:crypto'
import type { Exit } from '../../cli/support/built-command.js'
import { startBuilt } from '../../cli/support/built-command.js'
import { WorkFolder } from '../../cli/support/work-folder.js'
import type { WorkerJson, WorkersJson, WorkloadDetailJson } from '../../../src/model/wire/workloads.js'
import { exampleGraph } from '../../support/example-graph.js'
import { until } from '../../support/queue-room.js'
import { RealTimeGitHub } from '../../support/real-time-github.js'

const webhookSecret = 'the secret of the webhooks'
export const apiToken = 'the token of the administrator'

export const hmacSecret = 'the secret with which programs sign'

/** How long a condition may take on a busy machine, ms. */
export const patienceMs = 120_000

/** The built `orch serve` or `orch worker` as a process of its own. */
export class ServiceCommand {
  private readonly command: ReturnType<typeof startBuilt>

  constructor(words: readonly string[], start: { cwd: string; env: Record<string, string> }) {
    this.command = startBuilt(words, start)
  }

  get pid(): number {
    if (this.command.pid === null) throw new Error('the process was not started')
    return this.command.pid
  }

  get ended(): Promise<Exit> {
    return this.command.ended
  }

  stderr(): string {
    return this.command.stderr()
  }

  /** The first line of stdout. */
  async announcement(): Promise<Record<string, unknown>> {
    const [line] = await this.command.until(/^.*\n/u)
    return JSON.parse(line) as Record<string, unknown>
  }

  async url(): Promise<string> {
    return String((await this.announcement())['url'])
  }

  signal(name: NodeJS.Signals): void {
    this.command.signal(name)
  }

  /** Ends it as a crash does. */
  async crash(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }

  /** Posts a delivery, as GitHub does; resolves to the status of the answer. */
  async deliver(id: string, event: string, payload: object): Promise<number> {
    const body = JSON.stringify(payload)
    const response = await fetch(`${await this.url()}/webhooks/github`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-delivery': id,
        'x-github-event': event,
        'x-hub-signature-256': `sha256=${createHmac('sha256', webhookSecret).update(body).digest('hex')}`,
      },
      body,
    })
    await response.arrayBuffer()
    return response.status
  }

  /** A delivery that asks for a run of a change. The workload has the id of the delivery. */
  askForRun(id: string, branch: string): Promise<number> {
    return this.deliver(id, 'repository_dispatch', {
      action: 'orch-run',
      branch: 'main',
      client_payload: { branch },
      repository: { full_name: 'acme/repoA', name: 'repoA', owner: { login: 'acme' }, default_branch: 'main' },
      sender: { login: 'developer' },
    })
  }

  async request(path: string, method = 'GET'): Promise<{ status: number; body: unknown }> {
    const headers = { authorization: `Bearer ${apiToken}`, accept: 'application/json' }
    const response = await fetch(`${await this.url()}${path}`, { method, headers })
    return { status: response.status, body: await response.json() }
  }

  async workload(id: string): Promise<WorkloadDetailJson | null> {
    const { status, body } = await this.request(`/workloads/${id}`)
    return status === 200 ? (body as WorkloadDetailJson) : null
  }

  /** Resolves when a workload has a status. */
  whenWorkload(id: string, ...statuses: WorkloadDetailJson['status'][]): Promise<WorkloadDetailJson> {
    return until(async () => {
      const workload = await this.workload(id)
      return workload && statuses.includes(workload.status) ? workload : null
    }, patienceMs)
  }

  /** The worker that has a workload, once one runs it and `accepts` it. */
  whenRunBy(id: string, accepts: (worker: WorkerJson) => boolean = () => true): Promise<WorkerJson> {
    return until(async () => {
      const workload = await this.workload(id)
      const { items } = (await this.request('/workers')).body as WorkersJson
      const worker = items.find((each) => each.workloads.includes(id))
      return worker && workload?.status === 'running' && accepts(worker) ? worker : null
    }, patienceMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]()
  }
}

/** A GitHub with the example graph, a folder with its graph file, and the processes of the service over both. */
export class ServiceRoom implements AsyncDisposable {
  readonly github: RealTimeGitHub
  readonly folder: WorkFolder
  private readonly databaseUrl: string | null
  private readonly commands: ServiceCommand[] = []

  private constructor(github: RealTimeGitHub, folder: WorkFolder, databaseUrl: string | null) {
    this.github = github
    this.folder = folder
    this.databaseUrl = databaseUrl
  }

  /** `databaseUrl` null: the embedded database. */
  static async open(databaseUrl: string | null): Promise<ServiceRoom> {
    return new ServiceRoom(await RealTimeGitHub.open(), await WorkFolder.open(exampleGraph), databaseUrl)
  }

  serve(...flags: string[]): ServiceCommand {
    const port = flags.includes('--port') ? [] : ['--port', '0']
    return this.start(['serve', '--json', ...port, ...flags])
  }

  start(words: readonly string[]): ServiceCommand {
    const env: Record<string, string> = {
      GITHUB_API_URL: `${this.github.url}/api/v3`,
      GH_ENTERPRISE_TOKEN: this.github.sandbox.token,
      ORCH_WEBHOOK_SECRET: webhookSecret,
      ORCH_API_TOKEN: apiToken,
      ORCH_HMAC_SECRET: hmacSecret,
    }
    if (this.databaseUrl !== null) env['DATABASE_URL'] = this.databaseUrl
    const command = new ServiceCommand(words, { cwd: this.folder.path, env })
    this.commands.push(command)
    return command
  }

  /** The process with this pid. */
  commandOf(pid: number): ServiceCommand {
    const command = this.commands.find((each) => each.pid === pid)
    if (!command) throw new Error(`${pid} is not a process of this test`)
    return command
  }

  /** A change with pull requests in repoB and repoE. The build of repoB runs until it is released. */
  async heldChange(branch: string): Promise<void> {
    await this.github.change(branch, 'repoB', 'repoE')
    this.github.builds.script('acme/repoB', 'build.yml').holds()
  }

  release(): void {
    this.github.builds.script('acme/repoB', 'build.yml').release('success')
  }

  /** What each job of a change was dispatched, and the statuses of its pull requests. */
  async outcome(branch: string): Promise<{ dispatches: string[]; repoB: string[]; repoE: string[] }> {
    const dispatches = this.github.dispatches().filter((each) => each.endsWith(` ${branch}`))
    const [repoB, repoE] = await Promise.all(['repoB', 'repoE'].map((name) => this.github.states(name, branch)))
    return { dispatches, repoB: repoB ?? [], repoE: repoE ?? [] }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.commands.map((each) => each[Symbol.asyncDispose]()))
    await this.github[Symbol.asyncDispose]()
    await this.folder[Symbol.asyncDispose]()
  }
}

/** The outcome of a change whose orchestration has succeeded: each job dispatched once, one final status each. */
export function builtOnce(branch: string): { dispatches: string[]; repoB: string[]; repoE: string[] } {
  const states = ['pending', 'success']
  return { dispatches: [`repoB ${branch}`, `repoE ${branch}`], repoB: states, repoE: states }
}
