import { parseGraphFile } from '../../src/config/graph-file.js'
import type { Graph } from '../../src/model/graph.js'
import type { Failure } from '../../src/model/failure.js'
import type { Store } from '../../src/ports/store.js'
import type { Requester } from '../../src/service/commands/change-commands.js'
import type { FullDelivery } from '../../src/service/deliveries/delivery.js'
import { createHttpApp } from '../../src/service/http/http-app.js'
import type { HttpApp, HttpOptions } from '../../src/service/http/http-app.js'
import type { FlowService } from '../../src/service/flows/flow-service.js'
import type { Identities, RepositoryPermission } from '../../src/service/http/login/identities.js'
import { createLocalFlowService } from './support/local-flow-service.js'
import { createMemorySessions } from './support/memory-sessions.js'
import { createMemoryUsedSignatures } from './support/memory-used-signatures.js'
import type { Log } from '../../src/service/operations/log.js'
import type { PagesData } from '../../src/service/pages/pages-data.js'
import type { Worker, Workload } from '../../src/service/workloads/workload.js'
import { createMemoryStore, JournalMemory } from '../../src/store/memory-store.js'
import { exampleGraph } from '../support/example-graph.js'
import { TestClock } from '../support/test-clock.js'

export const apiToken = 'the-administrator-token'
export const hmacSecret = 'the-secret-that-programs-sign-with'
export const origin = 'http://127.0.0.1:7345'

export const notReached: Failure = { kind: 'network', message: 'GitHub did not answer', remedy: 'Try again later.' }

/** A folder that does not exist. */
const noFlows = new URL('no-flows/', import.meta.url).pathname

/** People of the fake GitHub, by their tokens, and what they may do in every repository. */
export class FakeIdentities implements Identities {
  readonly tokens = new Map<string, string>()
  readonly permissions = new Map<string, RepositoryPermission>()
  isReachable = true
  /** The tokens and permissions that were asked for, in order. */
  readonly asked: string[] = []

  add(token: string, login: string, permission: RepositoryPermission): void {
    this.tokens.set(token, login)
    this.permissions.set(login, permission)
  }

  login(token: string): ReturnType<Identities['login']> {
    this.asked.push(`login ${token}`)
    if (!this.isReachable) return Promise.resolve({ ok: false, failure: notReached })
    return Promise.resolve({ ok: true, value: this.tokens.get(token) ?? null })
  }

  permission(login: string, repository: string): ReturnType<Identities['permission']> {
    this.asked.push(`permission ${login} ${repository}`)
    if (!this.isReachable) return Promise.resolve({ ok: false, failure: notReached })
    const ofRepository = this.permissions.get(`${login} ${repository}`)
    return Promise.resolve({ ok: true, value: ofRepository ?? this.permissions.get(login) ?? 'none' })
  }
}

/** The service around the pages: lists in memory, and commands that only record what they were asked. */
export class PagesWorld {
  readonly clock = new TestClock()
  readonly identities = new FakeIdentities()
  readonly memory = new JournalMemory()
  readonly graph: Graph
  workloadList: Workload[] = []
  workerList: Worker[] = []
  deliveryList: FullDelivery[] = []
  flows: FlowService = createLocalFlowService(noFlows)
  /** What was asked of the commands and the deliveries, in order. */
  readonly done: string[] = []
  /** The lines of the log. */
  readonly logged: string[] = []
  private readonly events = new Set<string>()
  private readonly listeners = new Set<() => void>()

  constructor() {
    const parsed = parseGraphFile(exampleGraph)
    if (!parsed.ok) throw new Error('the example graph has errors')
    this.graph = parsed.graph
  }

  get listenerCount(): number {
    return this.listeners.size
  }

  /** Tells every open page that something changed. */
  update(): void {
    for (const listener of this.listeners) listener()
  }

  store(): Store {
    const driver = { name: 'process 1', pid: 1 }
    return createMemoryStore({ clock: this.clock, memory: this.memory, driver, onCancelRequest: () => undefined })
  }

  data(more: Partial<PagesData> = {}): PagesData {
    const record = <T>(text: string, answer: T): Promise<T> => {
      this.done.push(text)
      return Promise.resolve(answer)
    }
    const earlierHeads = { locked: [], failures: [] }
    return {
      graph: this.graph,
      store: this.store(),
      clock: this.clock,
      flows: this.flows,
      workloads: {
        enqueue: () => Promise.reject(new Error('the pages enqueue nothing')),
        list: ({ status, change }) => {
          const items = this.workloadList
            .filter((each) => status === undefined || each.status === status)
            .filter((each) => change === undefined || each.change === change)
          return Promise.resolve({ items, nextCursor: null })
        },
        read: (id) => Promise.resolve(this.workloadList.find((each) => each.id === id) ?? null),
        cancel: () => Promise.reject(new Error('the pages cancel by change')),
        workers: () => Promise.resolve(this.workerList),
        observe: () => Promise.reject(new Error('the pages observe nothing')),
      },
      deliveries: {
        list: ({ limit = 50, cursor = '0' }) => {
          const items = this.deliveryList.slice(Number(cursor), Number(cursor) + limit)
          const end = Number(cursor) + items.length
          return Promise.resolve({ items, nextCursor: end < this.deliveryList.length ? String(end) : null })
        },
        read: (id) => Promise.resolve(this.deliveryList.find((each) => each.id === id) ?? null),
        redeliver: (id) => record(`redeliver ${id}`, { kind: 'started' as const }),
      },
      commands: {
        run: (branch: string, by: Requester, eventId: string) => {
          const kind = this.events.has(eventId) ? ('known' as const) : ('created' as const)
          this.events.add(eventId)
          return record(`run ${branch} by ${by}`, { kind, workload: 'workload-1' })
        },
        plan: () => Promise.reject(new Error('the pages plan nothing')),
        status: (branch) =>
          Promise.resolve({
            kind: 'pending',
            status: {
              branch,
              statusContext: 'orchestrator-build',
              setDigest: null,
              verdict: 'pending',
              repositories: [
                {
                  kind: 'member',
                  repo: 'acme/repoB',
                  headSha: 'b'.repeat(40),
                  pullRequests: [],
                  isAhead: true,
                  blockers: [],
                  otherBases: [],
                  status: null,
                  digestMatches: null,
                  isBaseUnknown: false,
                },
                { kind: 'absent', repo: 'acme/repoA' },
              ],
            },
          }),
        cancel: (branch, by) => record(`cancel ${branch} by ${by}`, { count: 1 }),
        invalidate: (branch, by) => {
          const invalidation = { id: 'i1', branch, reason: by, isDryRun: false, noLockReason: null }
          const nothing = { pullRequests: [], unreadable: [], earlierHeads }
          return record(`invalidate ${branch} by ${by}`, {
            kind: 'done' as const,
            invalidation: { ...invalidation, ...nothing },
          })
        },
      },
      ...more,
    }
  }

  options(more: Partial<HttpOptions> = {}): HttpOptions {
    const answer = (text: string) => () => Promise.resolve(new Response(text))
    const write =
      (level: string) =>
      (fields: object, message: string): void =>
        void this.logged.push(JSON.stringify({ level, ...fields, message }))
    const log: Log = {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      with: () => log,
    }
    return {
      data: this.data(),
      updates: {
        subscribe: (listener) => {
          this.listeners.add(listener)
          return () => void this.listeners.delete(listener)
        },
      },
      log,
      handlers: {
        health: answer('healthy'),
        ready: answer('ready'),
        githubWebhook: answer('accepted'),
        slackWebhook: null,
      },
      metrics: answer('metrics'),
      apiToken,
      hmacSecret,
      eventsPerMinute: 6_000,
      usedSignatures: createMemoryUsedSignatures(),
      identities: this.identities,
      sessions: createMemorySessions(this.clock),
      oauth: null,
      loginLink: null,
      host: '127.0.0.1',
      publicUrl: null,
      ...more,
    }
  }

  app(more: Partial<HttpOptions> = {}): HttpApp {
    return createHttpApp(this.options(more))
  }
}

export interface AskOptions {
  method?: string
  headers?: Record<string, string>
  form?: Record<string, string>
  /** Where the request comes from. */
  from?: string
}

/** Sends one request to the app, as a program would. */
export async function ask(app: HttpApp, path: string, options: AskOptions = {}): Promise<Response> {
  const { method = options.form ? 'POST' : 'GET', headers = {}, form, from = '192.0.2.1' } = options
  return app.request(
    `${origin}${path}`,
    { method, headers, ...(form ? { body: new URLSearchParams(form) } : {}) },
    { incoming: { socket: { remoteAddress: from } } },
  )
}

export const asAdministrator = { authorization: `Bearer ${apiToken}` }
export const asBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

export function workload(more: Partial<Workload> = {}): Workload {
  return {
    id: 'workload-1',
    kind: 'workflow',
    status: 'running',
    change: 'DPTA-1',
    createdAt: Date.UTC(2026, 10, 21, 8, 0, 0),
    claimedAt: Date.UTC(2026, 10, 21, 8, 0, 1),
    startedAt: Date.UTC(2026, 10, 21, 8, 0, 2),
    endedAt: null,
    worker: 'worker-1',
    result: null,
    ...more,
  }
}

export function delivery(more: Partial<FullDelivery> = {}): FullDelivery {
  return {
    id: 'delivery-1',
    event: 'pull_request',
    action: 'opened',
    repository: 'acme/repoB',
    receivedAt: Date.UTC(2026, 10, 21, 8, 0, 0),
    handledAt: null,
    result: null,
    payload: {},
    ...more,
  }
}
