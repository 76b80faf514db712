import type { Problem } from '../app/problem.js'
import { usageProblem } from '../app/problem.js'
import type { RequestingOptions } from '../github/api/requesting.js'
import { failureText } from '../lib/failure-text.js'
import { repositoriesOf } from '../model/graph.js'
import { createAnswerComment } from './commands/answer-comment.js'
import { RunComments } from './commands/run-comments.js'
import { createStatusComments } from './commands/status-comment.js'
import { createSlackWebhook } from './chat/slack.js'
import { keepUp } from './deliveries/catch-up.js'
import { DeliveryService } from './deliveries/deliveries.js'
import { answerHealth, createReadiness } from './http/health.js'
import { createHttpApp } from './http/http-app.js'
import { listen } from './http/listen.js'
import { createDatabaseSessions } from './http/login/database-sessions.js'
import { createGitHubIdentities } from './http/login/github-identities.js'
import type { GitHubOAuth } from './http/login/github-oauth.js'
import type { LoginLink } from './http/login/login-link.js'
import { createDatabaseUsedSignatures } from './http/login/used-signatures.js'
import { createSchedule } from './schedule/schedule.js'
import type { ServiceSettings } from './settings.js'
import { appendChannel } from './store/database-journal.js'
import { Triggers } from './triggers/triggers.js'
import { createUpdates } from './updates.js'
import { createWork } from './work.js'
import type { WorkOptions } from './work.js'
import { endedChannel, queueChannel } from './workloads/messages.js'

export interface ServiceOptions extends WorkOptions {
  settings: ServiceSettings
  /** How GitHub is asked who a person is, with that person's token. */
  connection: Omit<RequestingOptions, 'token' | 'clock' | 'random'>
  /** As in `TriggerContext`. */
  login: string | null
  onInstallationChanged: () => void
  oauth: GitHubOAuth | null
  loginLink: LoginLink | null
}

export interface RunningService {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Resolves when another process has taken its work over: this process must end. */
  readonly lost: Promise<unknown>
  /** Accepts nothing more and hands everything on. */
  close(): Promise<void>
}

/** The time that requests in flight have to end. */
const requestGraceMs = 2_000

/** Serves webhooks and pages, and works on the queue. */
export async function startService(
  options: ServiceOptions,
): Promise<{ ok: true; value: RunningService } | { ok: false; problems: readonly Problem[] }> {
  const { settings, graph, database, clock, log, metrics, host, connection, githubLogin } = options
  let url: string | null = null
  const { engine, commands, flows } = createWork(options, { roles: ['service'], listensOn: () => url })
  const { store, workloads, durable } = engine
  const updates = createUpdates(database, [queueChannel, appendChannel, endedChannel])
  const { statusContext } = graph
  const statusComments = createStatusComments({ host, statusContext })
  const runComments = new RunComments({ database, clock, log, statusComments, statusContext })
  const answerComment = createAnswerComment({ host, graph, commands, log, statusComments, runComments })
  const triggers = new Triggers(
    {
      ...options,
      store,
      commands,
      observe: (repo, run) => workloads.observe(repo, run),
      onCommand: async (comment) => {
        const answer = await answerComment(comment)
        if (answer.kind === 'failed') throw new Error(answer.failure.message)
        return answer.result
      },
    },
    database,
  )
  const deliveries = new DeliveryService({
    database,
    durable,
    clock,
    log,
    metrics,
    secrets: settings.webhookSecrets,
    ignoredFor: triggers.ignoredFor,
    isHint: triggers.isHint,
    handle: async (delivery, context) => {
      const { id, event, action, repository } = delivery
      const attributes = { delivery: id, event, action: action ?? '', repository: repository ?? '' }
      await githubLogin.whenAccepted(context.signal)
      const result = await options.tracing.during('delivery', attributes, () => triggers.handle(delivery, context))
      updates.changed()
      return result
    },
  })
  const schedule = createSchedule({ graph, host, commands, flows, log, database, durable, clock })
  const slack =
    settings.slackSigningSecret === null
      ? null
      : createSlackWebhook({
          signingSecret: settings.slackSigningSecret,
          graph,
          host,
          commands,
          durable,
          clock,
          log,
          fetch: connection.fetch ?? globalThis.fetch,
        })
  const [repository] = repositoriesOf(graph)
  if (repository === undefined) throw new Error('a graph has a job')
  const app = createHttpApp({
    data: { graph, store, workloads, deliveries, commands, flows, clock },
    updates,
    log,
    handlers: {
      health: answerHealth,
      ready: createReadiness({
        database,
        clock,
        engine,
        githubLogin,
        storeProblem: () => deliveries.storeProblem(),
      }),
      githubWebhook: (request) => deliveries.receive(request),
      slackWebhook: slack,
    },
    metrics: async () => {
      const { text, contentType } = await metrics.render()
      return new Response(text, { headers: { 'content-type': contentType } })
    },
    apiToken: settings.apiToken,
    hmacSecret: settings.hmacSecret,
    eventsPerMinute: settings.eventsPerMinute,
    usedSignatures: createDatabaseUsedSignatures(database),
    identities: createGitHubIdentities({ ...connection, clock, host, repository }),
    sessions: createDatabaseSessions({ database, apiToken: settings.apiToken, apiUrl: connection.apiUrl }),
    oauth: options.oauth,
    loginLink: options.loginLink,
    host: settings.host,
    publicUrl: settings.publicUrl,
  })
  await engine.launch()
  await updates.start()
  const newestAt = await deliveries.newestAt()
  const listening = await listen(app, settings)
  if (listening.kind === 'refused') {
    await updates.close()
    await engine.close()
    return { ok: false, problems: [portProblem(settings, listening.code)] }
  }
  const { server } = listening
  url = server.url
  const ending = new AbortController()
  const background = [
    deliveries.sweep(ending.signal),
    triggers.run(ending.signal),
    runComments.run(ending.signal),
    schedule.run(ending.signal),
    flows.run(ending.signal),
    keepUp({
      host,
      graph,
      clock,
      log,
      isApp: options.isApp,
      newestAt,
      known: (ids) => deliveries.known(ids),
      accept: (delivery) => deliveries.accept(delivery),
      takeRefusals: () => deliveries.takeRefusals(),
      signal: ending.signal,
    }),
  ]
  return {
    ok: true,
    value: {
      url: server.url,
      lost: engine.lost,
      close: async () => {
        ending.abort()
        app.close()
        await server.close(requestGraceMs)
        await engine.close()
        await Promise.all(background)
        await updates.close().catch((error: unknown) => log.warn({ error: failureText(error) }, 'still listening'))
      },
    },
  }
}

function portProblem({ host, port }: ServiceSettings, code: string): Problem {
  if (code === 'EADDRINUSE') {
    const message = `port ${port} of ${host} is taken`
    return { kind: 'failed', message, why: 'another program listens there', remedy: 'Choose another one with --port.' }
  }
  if (code === 'EACCES') {
    const remedy = 'Choose a port above 1023 with --port, and put a proxy in front.'
    return { kind: 'failed', message: `port ${port} is not allowed`, why: 'the system reserves it', remedy }
  }
  return usageProblem(`nothing can listen on ${host}`, `the system answers ${code}`, 'Name an address of this machine.')
}
