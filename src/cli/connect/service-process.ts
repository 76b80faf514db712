import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { Problem, Result } from '../../app/problem.js'
import { stop } from '../../app/problem.js'
import { statusLink } from '../../app/run/status-link.js'
import type { Graph } from '../../model/graph.js'
import { createRedaction } from '../../lib/redaction.js'
import type { Database } from '../../service/database/database.js'
import { openDatabase } from '../../service/database/open-database.js'
import type { DatabaseTarget } from '../../service/database/open-database.js'
import type { DatabaseRefusal } from '../../service/database/refusal.js'
import { createLog } from '../../service/operations/create-log.js'
import type { Log } from '../../service/operations/log.js'
import { createTracing } from '../../service/operations/tracing.js'
import { failureText } from '../../lib/failure-text.js'
import { createMetrics } from '../../service/operations/metrics.js'
import type { WorkOptions } from '../../service/work.js'
import { countQueue } from '../../service/workloads/queue-views.js'
import type { Messages } from '../output/messages.js'
import type { FlowPlaces } from '../../service/flows/step-actions.js'
import type { StoreProcesses } from '../../store/processes.js'
import type { GitHubAccess } from './find-github.js'
import type { LoadedGraph } from './graph-file.js'
import type { RunningSandbox } from './sandbox-connection.js'
import { connectService } from './service-connection.js'
import type { ServiceConnection } from './service-connection.js'

/** The part of the process that a service uses. */
export interface ServiceAccess extends GitHubAccess {
  cwd: string
  processes: StoreProcesses & Pick<FlowPlaces, 'signalGroup'>
}

export interface ServiceProcessOptions {
  context: ServiceAccess
  messages: Messages
  loaded: LoadedGraph
  graph: Graph
  verbose: boolean
  /** Null: the embedded database. */
  databaseUrl: string | null
  workers: number
  capacity: number
  publicUrl: string | null
  /** Never shown in the log. */
  secrets: readonly string[]
  /** The embedded GitHub to use; null: the GitHub that the environment names. */
  sandbox: RunningSandbox | null
  /** Ends the wait for a database that cannot be reached. */
  signal: AbortSignal
}

/** What `orch serve` and `orch worker` have in common: log, metrics, database and GitHub. */
export interface ServiceProcess {
  log: Log
  /** Writes the first line of JSON to stdout; the log follows there. What was logged before went to stderr. */
  announce: (line: object) => void
  connection: ServiceConnection
  work: WorkOptions
  close(): Promise<void>
}

/** Opens the database and connects to GitHub. */
export async function openServiceProcess(options: ServiceProcessOptions): Promise<Result<ServiceProcess>> {
  const { context, messages, loaded, graph } = options
  const redaction = createRedaction()
  for (const secret of options.secrets) redaction.add(secret)
  let output = messages.stderr
  const log = createLog({
    write: (line) => output.write(line),
    now: () => context.clock.now(),
    redact: redaction.redact,
    level: options.verbose ? 'debug' : 'info',
  })
  const opened = await open(options, log)
  if (!opened.ok) return opened
  const database = opened.value
  const metrics = createMetrics(() => countQueue(database))
  const tracing = await createTracing(context.env)
  const connected = await connectService({
    access: context,
    graph,
    serviceDirectory: loaded.serviceDirectory,
    directory: dirname(dirname(loaded.serviceDirectory)),
    log,
    onRequest: (entry) => {
      metrics.githubAnswered(entry)
      log.debug({ ...entry }, 'request to GitHub')
    },
    keepSecret: redaction.add,
    sandbox: options.sandbox ?? undefined,
  })
  if (!connected.ok) {
    await database.close()
    return connected
  }
  const connection = connected.value
  const { clock, random, processes, env } = context
  const work: WorkOptions = {
    graph,
    database,
    identity: { host: hostname(), pid: processes.pid },
    workers: options.workers,
    capacity: options.capacity,
    clock,
    random,
    log,
    metrics,
    tracing,
    host: connection.host,
    githubLogin: connection.githubLogin,
    isApp: connection.isApp,
    serverUrl: connection.serverUrl,
    linkTo: linkWith(options.publicUrl, connection.serverUrl),
    publicUrl: options.publicUrl,
    places: {
      root: loaded.directory,
      stateDirectory: loaded.historyDirectory,
      environment: withoutSecrets(env),
      signalGroup: processes.signalGroup,
    },
  }
  const announce = (line: object): void => {
    messages.stdout.write(`${JSON.stringify(line)}\n`)
    output = messages.stdout
  }
  const close = async (): Promise<void> => {
    await connection.close()
    await database.close()
    await tracing.close().catch((error: unknown) => {
      log.warn({ error: failureText(error) }, 'the last traces could not be sent')
    })
  }
  return { ok: true, value: { log, announce, connection, work, close } }
}

async function open(
  { context, loaded, databaseUrl, signal }: ServiceProcessOptions,
  log: Log,
): Promise<Result<Database>> {
  const { clock, processes } = context
  const target: DatabaseTarget =
    databaseUrl === null
      ? { kind: 'embedded', stateDirectory: loaded.historyDirectory, processes }
      : {
          kind: 'postgres',
          url: databaseUrl,
          onWait: (problem, pauseMs) => log.warn({ problem, pauseMs }, 'waiting for the database'),
          sleep: (ms, aborted) => clock.sleep(ms, aborted),
          signal,
        }
  const opened = await openDatabase(target)
  if (opened.kind === 'opened') return { ok: true, value: opened.database }
  const { problem, remedy, why } = opened
  const reason = reasons[why] ?? 'the service keeps its queue and its journals there'
  return stop({ kind: 'failed', message: problem, why: reason, remedy } satisfies Problem)
}

/** Why a database that was refused cannot be used, where its problem does not say so. */
const reasons: Partial<Record<DatabaseRefusal['why'], string>> = {
  absent: 'the package @electric-sql/pglite is larger than orch, which does not need it otherwise',
  held: 'it can belong to one process only',
}

/** Our statuses link to the page of the change where people can open it. */
function linkWith(publicUrl: string | null, serverUrl: string): (branch: string) => string {
  if (publicUrl === null) return (branch) => statusLink({ env: {}, serverUrl, branch })
  return (branch) => `${publicUrl}/changes/${encodeURIComponent(branch)}`
}

/** Variables that may hold a secret of the service. */
const secretNames =
  /^(ORCH_.*|GITHUB_TOKEN|GH_TOKEN|GH_ENTERPRISE_TOKEN|GITHUB_ENTERPRISE_TOKEN|DATABASE_URL|PG.*|OTEL_.*)$/iu

/** The environment from which the steps of flows take what they list. */
function withoutSecrets(env: GitHubAccess['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secretNames.test(name)))
}
