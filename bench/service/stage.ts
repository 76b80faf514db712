import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DEVELOPER } from '../../src/sandbox/developer.js'
import { createSandbox } from '../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import { systemClock } from '../../src/sandbox/clock.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import type { ScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { buildWorkflow } from '../../tests/support/example-graph.js'
import { graphFolder, graphText } from '../graph.js'
import type { Jobs } from '../graph.js'
import { statusContext } from '../kinds.js'
import { openDatabase } from './database.js'
import type { BenchDatabase, DatabaseKind } from './database.js'
import { startService } from './service-process.js'
import type { ServiceProcess } from './service-process.js'
import { webhookSecret } from './signed-delivery.js'

/** Runs wait for nothing but their script. */
const concurrentRuns = 100_000

export interface StageOptions {
  database: DatabaseKind
  jobs: Jobs
  flags?: readonly string[]
  /** The text of `flow.yaml` by the names of flows. */
  flows?: Readonly<Record<string, string>>
  /** The number of services over one database; default: 1. */
  replicas?: number
  /** Sends the deliveries of the embedded GitHub; default: `fetch`. */
  deliver?: (request: Request) => Promise<Response>
}

/** Built services over a database, and an embedded GitHub in this process that they reach by HTTP. All repositories are those of `acme`. */
export interface ServiceStage extends AsyncDisposable {
  sandbox: Sandbox
  builds: ScriptedExecutor
  database: BenchDatabase
  services: readonly ServiceProcess[]
  /** The first service. */
  service: ServiceProcess
  /** Pushes a branch with a change to repositories. */
  push: (branch: string, ...names: readonly string[]) => Promise<void>
  /** Pushes a branch with a change to repositories and opens their pull requests. */
  change: (branch: string, ...names: readonly string[]) => Promise<void>
  /** From now on, GitHub sends the first service the events of this type. */
  addWebhooks: (event: string) => void
}

export async function openServiceStage(options: StageOptions): Promise<ServiceStage> {
  const { jobs, flags = [], flows = {}, replicas = 1, deliver = fetch } = options
  const closers: (() => PromiseLike<void>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close()
  }
  const keep = <Opened extends AsyncDisposable>(opened: Opened): Opened => {
    closers.push(() => opened[Symbol.asyncDispose]())
    return opened
  }
  try {
    const database = keep(await openDatabase(options.database))
    const builds = createScriptedExecutor({ clock: systemClock })
    const sandbox = await createSandbox({ executor: builds, concurrentRuns, deliver })
    closers.push(() => sandbox.close())
    // GitHub's 5,000 points an hour are enough for the start of 1,240 orchestrations; in reality 2,000 take two hours to start.
    for (const resource of ['core', 'graphql'] as const)
      sandbox.admin.setRateLimit(DEVELOPER, 1_000_000, 1_000_000, { resource })
    const { url } = await sandbox.listen()
    const repositories = Object.keys(jobs).map((name) => `acme/${name}`)
    for (const repo of repositories) {
      await sandbox.admin.createRepository(repo)
      await sandbox.admin.commit(repo, 'main', { '.github/workflows/build.yml': buildWorkflow })
      sandbox.admin.requireStatus(repo, statusContext)
    }
    const { directory } = keep(await graphFolder(graphText(jobs)))
    for (const [name, text] of Object.entries(flows)) {
      await mkdir(join(directory, 'flows', name), { recursive: true })
      await writeFile(join(directory, 'flows', name, 'flow.yaml'), text)
    }
    const target = { directory, apiUrl: `${url}/api/v3`, token: sandbox.token, databaseUrl: database.url, flags }
    const services: ServiceProcess[] = []
    for (let count = 0; count < replicas; count += 1) services.push(keep(await startService(target)))
    const [service] = services
    if (!service) throw new Error('a stage has a service')
    const push = async (branch: string, ...names: readonly string[]): Promise<void> => {
      for (const name of names)
        await sandbox.admin.commit(`acme/${name}`, branch, { 'change.txt': `${branch} in ${name}\n` })
    }
    const change = async (branch: string, ...names: readonly string[]): Promise<void> => {
      await push(branch, ...names)
      for (const name of names) await sandbox.admin.openPull(`acme/${name}`, { head: branch, title: branch })
    }
    const addWebhooks = (event: string): void => {
      const hook = { url: `${service.url}/webhooks/github`, events: [event], secret: webhookSecret }
      for (const repo of repositories) sandbox.webhooks.create(repo, hook)
    }
    return {
      sandbox,
      builds,
      database,
      services,
      service,
      push,
      change,
      addWebhooks,
      [Symbol.asyncDispose]: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
