import { setTimeout as sleep } from 'node:timers/promises'
import { invalidateChange } from '../../src/app/invalidate-change.js'
import { readStatus } from '../../src/app/read-status.js'
import { runChange } from '../../src/app/run-change.js'
import { readEvent } from '../../src/app/run/event-key.js'
import { statusLink } from '../../src/app/run/status-link.js'
import { createHttpApp } from '../../src/service/http/http-app.js'
import type { HttpApp, HttpOptions } from '../../src/service/http/http-app.js'
import { listen } from '../../src/service/http/listen.js'
import type { ListeningServer } from '../../src/service/http/listen.js'
import type { PagesData } from '../../src/service/pages/pages-data.js'
import { AppWorld, serverUrl } from '../support/app-door.js'
import type { AppProcess } from '../support/app-door.js'
import { delivery, PagesWorld, workload } from './pages-world.js'

export const hostileBranch = 'DPTA-"><script>alert(1)<!--\u202etxt'
const log = [
  '> vitest run',
  ' FAIL  tests/parser.test.ts > reads an empty file',
  "TypeError: Cannot read properties of undefined (reading 'length')",
  '    at parse (src/parser.ts:41:18) <script>alert(2)</script> \u202egnp.exe',
  ' Tests  1 failed | 214 passed (215)',
]

/** The pages over real orchestrations on the embedded GitHub: one succeeded, one failed, one runs. The clock stands still between steps. */
export class PagesScene implements AsyncDisposable {
  readonly world: AppWorld
  readonly fake = new PagesWorld()
  readonly process: AppProcess
  private server: ListeningServer | null = null
  private httpApp: HttpApp | null = null
  url = ''

  private constructor(world: AppWorld) {
    this.world = world
    const { clock, sandbox } = world
    const answer = sandbox.fetch.bind(sandbox)
    // The clock stands still while GitHub answers, however busy this machine is.
    sandbox.fetch = (input, init) => clock.track(answer(input, init))
    this.process = world.process('service')
  }

  static async open(): Promise<PagesScene> {
    return new PagesScene(await AppWorld.open())
  }

  /** Everything that the pictures of the docs show. `failed`: the branch of the change that failed. */
  static async full(failed = hostileBranch): Promise<PagesScene> {
    const scene = await PagesScene.open()
    const { builds } = scene.world
    builds.script('acme/repoA').concludes('success', { after: 94_000, queuedFor: 6_000 })
    builds.script('acme/repoB').concludes('success', { after: 141_000, queuedFor: 12_000 })
    builds.script('acme/repoE').concludes('success', { after: 62_000, queuedFor: 4_000 })
    await scene.run('DPTA-1101', ['repoA', 'repoB', 'repoE'])
    builds.script('acme/repoC').concludes('failure', { after: 48_000, queuedFor: 9_000, log, failedStep: 'Test' })
    await scene.run(failed, ['repoC'])
    builds.script('acme/repoB').concludes('success', { after: 75_000, queuedFor: 8_000 })
    builds.script('acme/repoD').concludes('failure', { after: 31_000, queuedFor: 15_000, log, failedStep: 'Test' })
    await scene.run('DPTA-1122', ['repoB', 'repoD', 'repoE'])
    await scene.world.sandbox.admin.commit('acme/repoD', 'DPTA-1122', { 'fix.txt': 'fixed\n' })
    builds.script('acme/repoB').concludes('success', { after: 75_000, queuedFor: 8_000 })
    builds.script('acme/repoD').holds({ queuedFor: 10_000 })
    const ended = scene.start('DPTA-1122').then((result) => {
      throw new Error(`the change was not built to the job that is held: ${JSON.stringify(result).slice(0, 2000)}`)
    })
    ended.catch(() => undefined)
    await scene.world.clock.until(Promise.race([builds.whenStarted('acme/repoD', 2), ended]))
    await scene.world.clock.advance(104_000)
    scene.fillQueue(failed)
    return scene
  }

  /** Builds a change that these repositories have, to its end. */
  async run(branch: string, repositories: readonly string[]): Promise<void> {
    for (const name of repositories) {
      const files = { 'change.txt': `${branch} in ${name}\n` }
      await this.world.sandbox.admin.commit(`acme/${name}`, branch, files)
      await this.world.sandbox.admin.openPull(`acme/${name}`, { head: branch, title: `${branch}: change ${name}` })
    }
    await this.world.clock.until(this.start(branch))
  }

  /** Starts a build of a change. */
  start(branch: string): ReturnType<typeof runChange> {
    const { graph } = this.world
    const { ports } = this.process
    return runChange({
      ...ports,
      graph,
      branch,
      settings: { failFast: true, maxParallel: null, timeoutMs: null, postStatus: true, only: null, force: true },
      event: readEvent({ env: {}, branch, named: undefined }),
      serverUrl,
      link: statusLink({ env: {}, serverUrl, branch }),
      follow: false,
    })
  }

  private fillQueue(failed: string): void {
    const now = this.world.clock.now()
    const at = (secondsAgo: number): number => now - secondsAgo * 1000
    const times = (created: number, ended: number | null) => ({
      createdAt: at(created),
      claimedAt: at(created),
      startedAt: at(created),
      endedAt: ended === null ? null : at(ended),
    })
    const waiting = { status: 'pending', claimedAt: null, startedAt: null, worker: null } as const
    const worker = 'build-1/4711/1'
    this.fake.workloadList = [
      workload({ id: '7c1d2f40-8a55', change: 'DPTA-1130', ...waiting, createdAt: at(4) }),
      workload({ id: '5b0a9e72-8a54', change: 'DPTA-1122', worker, ...times(150, null) }),
      workload({
        id: '3f77c1aa-8a50',
        change: 'DPTA-1122',
        status: 'failed',
        worker,
        result: 'failed: repoD failed',
        ...times(310, 220),
      }),
      workload({
        id: '2d9b6c10-8a4f',
        change: failed,
        status: 'failed',
        worker,
        result: 'failed: repoC failed',
        ...times(420, 350),
      }),
      workload({
        id: '1e5a4d08-8a41',
        change: 'DPTA-1101',
        status: 'completed',
        worker,
        result: 'succeeded',
        ...times(900, 560),
      }),
    ]
    const process = { host: 'build-1', pid: 4711, startedAt: at(86_400), heartbeatAt: at(2) }
    this.fake.workerList = [
      { id: worker, state: 'active', ...process, workloads: ['5b0a9e72-8a54'] },
      { id: 'build-1/4711/2', state: 'standby', ...process, workloads: [] },
    ]
    this.fake.deliveryList = [
      delivery({ id: '7c1d2f40-8a55-11ef', event: 'push', action: null, repository: 'acme/repoA', receivedAt: at(4) }),
      delivery({
        id: '5b0a9e72-8a54-11ef',
        action: 'synchronize',
        repository: 'acme/repoD',
        receivedAt: at(150),
        handledAt: at(150),
        result: 'locked 3 pull requests of DPTA-1122',
      }),
      delivery({
        id: '4e2f0b3c-8a52-11ef',
        action: 'labeled',
        repository: 'acme/repoB',
        receivedAt: at(290),
        handledAt: at(290),
        result: 'nothing: labels do not matter',
      }),
      delivery({
        id: '3f77c1aa-8a50-11ef',
        event: 'issue_comment',
        action: 'created',
        repository: 'acme/repoB',
        receivedAt: at(311),
        handledAt: at(310),
        result: `run of ${failed} by @octocat`,
      }),
    ]
  }

  data(): PagesData {
    const { graph, clock } = this.world
    const { host, store } = this.process.ports
    const data = this.fake.data({
      graph,
      store,
      clock: {
        now: () => clock.now(),
        sleep: async (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
      },
    })
    const link = (branch: string): string => statusLink({ env: {}, serverUrl, branch })
    return {
      ...data,
      commands: {
        ...data.commands,
        status: (branch) => clock.until(readStatus({ host, graph, branch })),
        invalidate: (branch, by) =>
          clock.until(
            invalidateChange({
              ...this.process.ports,
              graph,
              branch,
              onlyIfChanged: false,
              reason: by,
              link: link(branch),
              isDryRun: false,
            }),
          ),
      },
    }
  }

  app(more: Partial<HttpOptions> = {}): HttpApp {
    return createHttpApp(this.fake.options({ data: this.data(), ...more }))
  }

  /** Listens on a free port; resolves to the address. */
  async listen(more: Partial<HttpOptions> = {}): Promise<string> {
    const app = this.app(more)
    this.httpApp = app
    const listening = await listen(app, { host: '127.0.0.1', port: 0 })
    if (listening.kind === 'refused') throw new Error(`nothing can listen on 127.0.0.1: ${listening.code}`)
    this.server = listening.server
    this.url = this.server.url
    return this.url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.httpApp?.close()
    await this.server?.close(0)
    this.process.die()
    await this.world[Symbol.asyncDispose]()
  }
}
