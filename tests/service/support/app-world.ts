import { setTimeout as sleep } from 'node:timers/promises'
import type { AppCredentials } from '../../../src/sandbox/app-admin.js'
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.js'
import { createScriptedExecutor, type ScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { appEvents, wantedPermissions } from '../../../src/service/github-app/app-permissions.js'
import { runBuilt, startBuilt, type BuiltCommand, type Exit } from '../../cli/support/built-command.js'
import { WorkFolder } from '../../cli/support/work-folder.js'
import { sharedKeys } from '../../support/app-keys.js'
import { buildWorkflow } from '../../support/example-graph.js'
import { realClock } from '../../support/queue-room.js'

/** Two repositories of two organizations, the second of which needs the first. */
export const graphOfTwoOwners = `version: 1
owner: acme
branches: DPTA-*
status-context: orchestrator-build
jobs:
  lib: {}
  shop: { repo: web/shop, needs: lib }
`

const context = 'orchestrator-build'
const repositories = ['acme/lib', 'web/shop'] as const
const hookUrl = 'http://127.0.0.1:7345/webhooks/github'
const apiToken = 'the-token-of-the-administrator'

/** The built `orch serve` as a GitHub App, against an embedded GitHub of two organizations. Time is the machine's. */
export class AppWorld implements AsyncDisposable {
  readonly sandbox: Sandbox
  readonly builds: ScriptedExecutor
  readonly folder: WorkFolder
  app: AppCredentials
  /** Where GitHub is, without a slash at the end. */
  readonly url: string
  private readonly apiUrl: string
  private readonly receiver: { url: string | null }

  private constructor(
    made: Pick<AppWorld, 'sandbox' | 'builds' | 'folder' | 'app' | 'url'> & { receiver: AppWorld['receiver'] },
  ) {
    this.sandbox = made.sandbox
    this.builds = made.builds
    this.folder = made.folder
    this.app = made.app
    this.url = made.url
    this.apiUrl = `${made.url}/api/v3`
    this.receiver = made.receiver
  }

  /** The App exists, and is not installed. Our status is required, and counts only by the App. */
  static async open(permissions: Record<string, 'read' | 'write'> = wantedPermissions()): Promise<AppWorld> {
    const receiver: AppWorld['receiver'] = { url: null }
    const builds = createScriptedExecutor({ clock: realClock })
    const sandbox = await createSandbox({
      clock: realClock,
      executor: builds,
      generateKeys: sharedKeys(),
      deliver: async (request) => {
        if (receiver.url === null) throw new Error('connection refused')
        const { method, headers } = request
        return fetch(`${receiver.url}/webhooks/github`, { method, headers, body: await request.arrayBuffer() })
      },
    })
    const { url } = await sandbox.listen()
    const folder = await WorkFolder.open(graphOfTwoOwners)
    for (const repo of repositories) {
      await sandbox.admin.createRepository(repo)
      await sandbox.admin.commit(repo, 'main', { '.github/workflows/build.yml': buildWorkflow })
      builds.script(repo).concludes('success', { after: 100, times: Infinity })
    }
    const made = { name: 'Orch', owner: 'acme', isPublic: true, events: [...appEvents], hook: { url: hookUrl } }
    const app = await sandbox.admin.createApp({ ...made, permissions })
    const world = new AppWorld({ sandbox, builds, folder, app, url, receiver })
    for (const repo of repositories) await world.requireStatus(repo)
    return world
  }

  /** Deletes the private key of the App, which has another one from then on. */
  async replaceKey(): Promise<void> {
    const { slug, privateKey } = this.app
    this.app = { ...this.app, privateKey: await this.sandbox.admin.createAppKey(slug) }
    this.sandbox.admin.deleteAppKey(slug, privateKey)
  }

  install(...owners: readonly string[]): void {
    for (const owner of owners) this.sandbox.admin.installApp(this.app.slug, owner)
  }

  private get env(): Record<string, string> {
    return {
      GITHUB_API_URL: this.apiUrl,
      ORCH_APP_ID: String(this.app.id),
      ORCH_APP_PRIVATE_KEY: this.app.privateKey,
      ORCH_WEBHOOK_SECRET: this.app.webhookSecret ?? '',
      ORCH_API_TOKEN: apiToken,
    }
  }

  /** Starts the service, which receives the deliveries of the App's webhook from then on. */
  async serve(env: Record<string, string> = {}): Promise<ServiceProcess> {
    const started = startBuilt(['serve', '--json', '--port', '0'], {
      cwd: this.folder.path,
      env: { ...this.env, ...env },
    })
    const [, url = ''] = await started.until(/"type":"listening","url":"([^"]+)"/u)
    this.receiver.url = url
    return new ServiceProcess(started, url, this.receiver)
  }

  /** Runs a service that does not start to its end. */
  refused(env: Record<string, string> = {}): Promise<Exit> {
    return runBuilt(['serve', '--port', '0'], { cwd: this.folder.path, env: { ...this.env, ...env } })
  }

  /** Sends a request as `developer`. */
  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const headers = { authorization: `Bearer ${this.sandbox.token}`, 'user-agent': 'test' }
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const response = await fetch(`${this.apiUrl}${path}`, sent)
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }

  private async requireStatus(repo: string): Promise<void> {
    const parameters = {
      strict_required_status_checks_policy: false,
      required_status_checks: [{ context, integration_id: this.app.id }],
    }
    const conditions = { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } }
    const rules = [{ type: 'required_status_checks', parameters }]
    const ruleset = { name: 'Require orch', target: 'branch', enforcement: 'active', conditions, rules }
    const { status, body } = await this.ask('POST', `/repos/${repo}/rulesets`, ruleset)
    if (status !== 201) throw new Error(JSON.stringify(body))
  }

  /** Pushes a branch with a change to both repositories and opens their pull requests, whose numbers it returns. */
  async change(branch: string): Promise<number[]> {
    const numbers: number[] = []
    for (const repo of repositories) {
      await this.sandbox.admin.commit(repo, branch, { 'change.txt': `${branch} in ${repo}\n` })
      numbers.push(await this.sandbox.admin.openPull(repo, { head: branch, title: branch }))
    }
    return numbers
  }

  /** Adds a pull request to the merge queue of its base. */
  async enqueue(repo: string, number: number): Promise<void> {
    const { body: pull } = await this.ask('GET', `/repos/${repo}/pulls/${number}`)
    const query = 'mutation($id: ID!) { enqueuePullRequest(input: { pullRequestId: $id }) { clientMutationId } }'
    const { body } = await this.ask('POST', '/graphql', {
      query,
      variables: { id: (pull as { node_id: string }).node_id },
    })
    if (JSON.stringify(body).includes('"errors"')) throw new Error(JSON.stringify(body))
  }

  /** The commit of the group of a pull request in a merge queue, once the queue has built it; another one than `before`. */
  async groupOf(repo: string, number: number, before = ''): Promise<string> {
    let found = ''
    await until(`the group of ${repo}#${number}`, async () => {
      const { body } = await this.ask('GET', `/repos/${repo}/git/matching-refs/heads/gh-readonly-queue/`)
      const refs = body as { ref: string; object: { sha: string } }[]
      found = refs.find(({ ref }) => ref.includes(`/pr-${number}-`))?.object.sha ?? ''
      return { isDone: found !== '' && found !== before, seen: refs }
    })
    return found
  }

  /** The statuses on a commit, or on the head of a branch, oldest first, as `pending by orch[bot]`. */
  async statuses(repo: string, revision: string): Promise<string[]> {
    const isCommit = /^[0-9a-f]{40}$/u.test(revision)
    const sha = isCommit ? revision : ((await this.sandbox.admin.branch(repo, revision)) ?? '')
    const { body } = await this.ask('GET', `/repos/${repo}/commits/${sha}/statuses?per_page=100`)
    const all = body as { state: string; context: string; creator: { login: string } }[]
    return all
      .filter((status) => status.context === context)
      .map(({ state, creator }) => `${state} by ${creator.login}`)
      .reverse()
  }

  /** Who started each run, in no order. */
  async actors(): Promise<string[]> {
    const ofEach = repositories.map(async (repo) => {
      const { body } = await this.ask('GET', `/repos/${repo}/actions/runs`)
      return (body as { workflow_runs: { actor: { login: string } }[] }).workflow_runs.map(({ actor }) => actor.login)
    })
    return (await Promise.all(ofEach)).flat()
  }

  /** Resolves when the heads of a branch have a check run like `orch by my-app: success`. */
  async untilCheckRun(branch: string, wanted: string): Promise<void> {
    for (const repo of repositories)
      await until(`the check run ${wanted} on ${repo}`, async () => {
        const { body } = await this.ask('GET', `/repos/${repo}/commits/${branch}/check-runs`)
        const runs = body as { check_runs: { name: string; conclusion: string | null; app: { slug: string } }[] }
        const seen = runs.check_runs.map(({ name, app, conclusion }) => `${name} by ${app.slug}: ${conclusion}`)
        return { isDone: seen.includes(wanted), seen }
      })
  }

  /** Resolves when the comment of the App on a pull request of `web/shop` matches. */
  async untilComment(number: number, pattern: RegExp): Promise<void> {
    await until(String(pattern), async () => {
      const { body } = await this.ask('GET', `/repos/web/shop/issues/${number}/comments`)
      const all = body as { user: { login: string }; body: string }[]
      const seen = all.filter(({ user }) => user.login === `${this.app.slug}[bot]`).map((comment) => comment.body)
      return { isDone: seen.some((text) => pattern.test(text)), seen }
    })
  }

  /** Resolves when the newest status on a commit, or on the head of a branch, is this one. */
  async untilStatus(revision: string, status: string, repos: readonly string[] = repositories): Promise<void> {
    for (const repo of repos)
      await until(`${status} on ${repo}`, async () => {
        const all = await this.statuses(repo, revision)
        return { isDone: all.at(-1) === status, seen: all }
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close()
    await this.folder[Symbol.asyncDispose]()
  }
}

/** A running service. */
export class ServiceProcess implements AsyncDisposable {
  readonly url: string
  readonly command: BuiltCommand
  private readonly receiver: { url: string | null }

  constructor(command: BuiltCommand, url: string, receiver: { url: string | null }) {
    this.command = command
    this.url = url
    this.receiver = receiver
  }

  /** What a page of the service answers to the administrator, as JSON. */
  async read(path: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${apiToken}`, accept: 'application/json' }
    return (await fetch(`${this.url}${path}`, { headers })).json()
  }

  /** The deliveries, as `push: locked DPTA-1`. */
  async results(): Promise<string[]> {
    const { items } = (await this.read('/deliveries?limit=100')) as {
      items: { event: string; result: string | null }[]
    }
    return items.map(({ event, result }) => `${event}: ${result ?? 'not handled'}`)
  }

  /** Resolves when a delivery had a result that matches. */
  untilResult(pattern: RegExp): Promise<void> {
    return until(String(pattern), async () => {
      const seen = await this.results()
      return { isDone: seen.some((result) => pattern.test(result)), seen }
    })
  }

  /** Resolves when every delivery that was accepted is handled. */
  untilHandled(): Promise<void> {
    return until('each delivery is handled', async () => {
      const seen = await this.results()
      return { isDone: !seen.some((result) => result.endsWith(': not handled')), seen }
    })
  }

  /** Resolves when `/readyz` answers with this status and text. */
  untilReadiness(status: number, pattern: RegExp): Promise<void> {
    return until(`${status} ${pattern}`, async () => {
      const response = await fetch(`${this.url}/readyz`)
      const seen = await response.text()
      return { isDone: response.status === status && pattern.test(seen), seen }
    })
  }

  /** Ends the service, as a new version does. */
  async stop(): Promise<Exit> {
    this.receiver.url = null
    this.command.signal('SIGTERM')
    return this.command.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.receiver.url = null
    await this.command[Symbol.asyncDispose]()
  }
}

const longestWaitMs = 90_000

export async function until(what: string, look: () => Promise<{ isDone: boolean; seen: unknown }>): Promise<void> {
  const end = Date.now() + longestWaitMs
  for (;;) {
    const { isDone, seen } = await look()
    if (isDone) return
    if (Date.now() > end) throw new Error(`${what} did not come: ${JSON.stringify(seen)}`)
    await sleep(100)
  }
}
