import { failureText } from '../../lib/failure-text.js'
import { createClient } from './connections.js'
import type { Connections } from './connections.js'
import type { DatabaseRefusal } from './refusal.js'
import { isUnreachable } from './unreachable.js'

export interface PostgresOptions {
  /** postgres://user:password@host:port/database?parameters, as libpq takes it. */
  url: string
  /** Called before each wait for a database that cannot be reached. */
  onWait: (problem: string, pauseMs: number) => void
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Ends the waiting: the call then rejects. */
  signal?: AbortSignal | undefined
}

const firstPauseMs = 1_000
const longestPauseMs = 30_000

/** Waits until the server can be reached. */
export async function reachPostgres(
  options: PostgresOptions,
): Promise<{ kind: 'opened'; connections: Connections } | DatabaseRefusal> {
  const { url, onWait, sleep, signal } = options
  const location = locationOf(url)
  if (location === null) {
    return {
      kind: 'refused',
      why: 'rejected',
      problem: 'the URL of the database is not valid',
      remedy: 'Write it as postgres://user:password@host:5432/name, with special characters percent-encoded.',
    }
  }
  const connections: Connections = {
    kind: 'postgres',
    location,
    clientConfig: () => ({ connectionString: url }),
    close: () => Promise.resolve(),
  }
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal?.throwIfAborted()
    try {
      await connectOnce(connections)
      return { kind: 'opened', connections }
    } catch (error) {
      const problem = `the database ${location} cannot be reached: ${failureText(error)}`
      if (!isUnreachable(error)) return rejected(location, error)
      onWait(problem, pauseMs)
      await sleep(pauseMs, signal)
    }
  }
}

async function connectOnce(connections: Connections): Promise<void> {
  const client = createClient(connections)
  try {
    await client.connect()
    await client.query('SELECT 1')
  } finally {
    await client.end()
  }
}

/** The URL without its password and parameters, which may hold secrets; null: it is not a URL of PostgreSQL. */
export function locationOf(url: string): string | null {
  if (!URL.canParse(url)) return null
  const { protocol, username, host, pathname } = new URL(url)
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') return null
  return `postgres://${username === '' ? '' : `${username}@`}${host}${pathname}`
}

function rejected(location: string, error: unknown): DatabaseRefusal {
  return {
    kind: 'refused',
    why: 'rejected',
    problem: `the database ${location} refuses the connection: ${failureText(error)}`,
    remedy: 'Check the user, the password and the name of the database in its URL.',
  }
}
