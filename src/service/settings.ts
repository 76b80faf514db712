import type { Environment } from '../app/environment.js'
import { usageProblem } from '../app/problem.js'
import type { Problem, Result } from '../app/problem.js'

/** The flags of `orch serve`, as they were typed. */
export interface ServeFlags extends WorkerFlags {
  port?: string
  host?: string
  sandbox?: boolean
}

/** The flags of `orch worker`, as they were typed. */
export interface WorkerFlags {
  database?: string
  workers?: string
  capacity?: string
}

export interface WorkerSettings {
  /** URL of PostgreSQL. */
  databaseUrl: string
  /** Workers in this process. */
  workers: number
  /** The most workflow workloads of one worker. */
  capacity: number
  /** The address that people open, such as `https://orch.example.com`; null: none is configured. */
  publicUrl: string | null
}

export interface ServiceSettings extends Omit<WorkerSettings, 'databaseUrl'> {
  /** 0: any free port. */
  port: number
  /** The address to listen on. */
  host: string
  /** URL of PostgreSQL; null: the embedded database. */
  databaseUrl: string | null
  /** Secrets of webhooks, any of which may sign; empty only with the sandbox, which has its own. */
  webhookSecrets: readonly string[]
  /** The token of the administrator; null: there is none. */
  apiToken: string | null
  /** Programs sign requests about events with it; null: no signature is accepted. */
  hmacSecret: string | null
  slackSigningSecret: string | null
  /** How many events one caller may send within a minute. */
  eventsPerMinute: number
}

const smallestToken = 16

/** Reads the settings of the service; every mistake is reported at once. */
export function readServiceSettings(
  env: Environment,
  flags: ServeFlags,
  stored: { webhookSecret: string | null } = { webhookSecret: null },
): Result<ServiceSettings> {
  const { problems, note, read, count, ...reader } = readerOf(env)
  const databaseUrl = reader.databaseUrl(flags.database)
  const named = (read('ORCH_WEBHOOK_SECRET') ?? '').split(',').map((each) => each.trim())
  const webhookSecrets = [...named, stored.webhookSecret ?? ''].filter((each) => each !== '')
  if (webhookSecrets.length === 0 && flags.sandbox !== true) note(missingSecret)
  const apiToken = read('ORCH_API_TOKEN')
  if (apiToken !== null && apiToken.length < smallestToken) note(shortToken)
  const hmacSecret = read('ORCH_HMAC_SECRET')
  if (hmacSecret !== null && hmacSecret.length < smallestToken) note(shortSecret)
  const settings: ServiceSettings = {
    port: count('--port', flags.port, { from: 0, to: 65_535, otherwise: 7_345 }),
    host: flags.host ?? '127.0.0.1',
    databaseUrl,
    workers: count('--workers', flags.workers, { ...workerBounds, from: 0 }),
    capacity: count('--capacity', flags.capacity, capacityBounds),
    webhookSecrets,
    apiToken,
    hmacSecret,
    slackSigningSecret: read('ORCH_SLACK_SIGNING_SECRET'),
    eventsPerMinute: count(eventsVariable, read(eventsVariable) ?? undefined, eventsBounds),
    publicUrl: readPublicUrl(read('ORCH_PUBLIC_URL'), note),
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: settings }
}

/** Reads the settings of `orch worker`, which works beside other processes: the embedded database belongs to one. */
export function readWorkerSettings(env: Environment, flags: WorkerFlags): Result<WorkerSettings> {
  const { problems, note, read, count, databaseUrl } = readerOf(env)
  const url = databaseUrl(flags.database)
  if (url === null) note(missingDatabase)
  const settings: WorkerSettings = {
    databaseUrl: url ?? '',
    workers: count('--workers', flags.workers, workerBounds),
    capacity: count('--capacity', flags.capacity, capacityBounds),
    publicUrl: readPublicUrl(read('ORCH_PUBLIC_URL'), note),
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: settings }
}

/** Reads the URL of PostgreSQL from the flag or the environment; null: neither names one. */
export function readDatabaseUrl(env: Environment, flags: { database?: string }): Result<string | null> {
  const { problems, databaseUrl } = readerOf(env)
  const url = databaseUrl(flags.database)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: url }
}

/** Reads settings one by one, and collects what is wrong with them. */
interface SettingReader {
  problems: Problem[]
  note: (problem: Problem | null) => void
  /** A variable; null: it is not set. */
  read: (name: string) => string | null
  count: (flag: string, text: string | undefined, bounds: Bounds) => number
  /** The URL of PostgreSQL by its flag, else by the environment; null: neither names one. */
  databaseUrl: (flag: string | undefined) => string | null
}

function readerOf(env: Environment): SettingReader {
  const problems: Problem[] = []
  const note = (problem: Problem | null): void => {
    if (problem) problems.push(problem)
  }
  const read = (name: string): string | null => {
    const text = (env[name] ?? '').trim()
    return text === '' ? null : text
  }
  const count = (flag: string, text: string | undefined, bounds: Bounds): number => {
    const value = Number(text ?? bounds.otherwise)
    if (Number.isInteger(value) && value >= bounds.from && value <= bounds.to) return value
    const why = `${flag} takes a whole number from ${bounds.from} to ${bounds.to}`
    note(usageProblem(`${flag} ${text ?? ''} is not valid`, why, `Leave it out for ${bounds.otherwise}.`))
    return bounds.otherwise
  }
  const databaseUrl = (flag: string | undefined): string | null => {
    const url = flag ?? read('DATABASE_URL')
    if (url !== null) note(databaseProblem(url, flag === undefined ? 'DATABASE_URL' : '--database'))
    return url
  }
  return { problems, note, read, count, databaseUrl }
}

interface Bounds {
  from: number
  to: number
  otherwise: number
}

const workerBounds: Bounds = { from: 1, to: 64, otherwise: 2 }
const eventsVariable = 'ORCH_EVENTS_PER_MINUTE'
const eventsBounds: Bounds = { from: 1, to: 1_000_000, otherwise: 6_000 }
const capacityBounds: Bounds = { from: 1, to: 10_000, otherwise: 100 }

/** Null: it can be the URL of a PostgreSQL. The message never holds the URL, which may carry a password. */
function databaseProblem(url: string, source: string): Problem | null {
  if (URL.canParse(url)) {
    const { protocol, password } = new URL(url)
    if (['postgres:', 'postgresql:'].includes(protocol) && !/%(?![\da-f]{2})/iu.test(password)) return null
  }
  const why = 'the service keeps its queue and its journals in PostgreSQL, or embedded if none is named'
  return usageProblem(`${source} is not the URL of a PostgreSQL`, why, 'Write postgres://user@host/database.')
}

function readPublicUrl(text: string | null, note: (problem: Problem) => void): string | null {
  if (text === null) return null
  if (URL.canParse(text)) {
    const { protocol, origin } = new URL(text)
    if (protocol === 'https:' || protocol === 'http:') return origin
  }
  const why = 'it is the address that people open in a browser'
  note(usageProblem('ORCH_PUBLIC_URL is not an address', why, 'Write it like https://orch.example.com'))
  return null
}

const missingSecret = usageProblem(
  'there is no webhook secret',
  'ORCH_WEBHOOK_SECRET is not set, so that nobody could tell the deliveries of GitHub from forged ones',
  'Set it to the secret of the webhook, set an App up with orch serve --setup, or try the service with orch serve --sandbox.',
)

const missingDatabase = usageProblem(
  'there is no PostgreSQL to work on',
  'a worker shares the database of the service, and the embedded one belongs to the process of orch serve alone',
  'Name the database of the service with --database postgres://user@host/database, or with DATABASE_URL.',
)

const shortToken = usageProblem(
  `ORCH_API_TOKEN has fewer than ${smallestToken} characters`,
  'it is the token of the administrator, and a short one can be guessed',
  'Make one, for example with: openssl rand -hex 32',
)

const shortSecret = usageProblem(
  `ORCH_HMAC_SECRET has fewer than ${smallestToken} characters`,
  'programs sign their requests with it, and a short one can be guessed',
  'Make one, for example with: openssl rand -hex 32',
)
