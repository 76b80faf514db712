import pg from 'pg'

/** How to reach one database. */
export interface Connections {
  kind: 'embedded' | 'postgres'
  /** Never with a password. */
  location: string
  /** A new object each time: `pg` changes it. */
  clientConfig: () => pg.ClientConfig
  /** Ends what is below the connections, after the last of them. */
  close: () => Promise<void>
}

/** Numbers of milliseconds. A statement that takes longer than these is stuck. */
const limits = {
  connectMs: 10_000,
  statementMs: 30_000,
  /** Longer than the server's own limit, which gives the better error. */
  answerMs: 35_000,
  idleInTransactionMs: 30_000,
} as const

/**
 * A pool that survives a restart of its database: without a listener for errors, a connection that ends would end the process. A pool
 * listens to idle connections only; the others have a listener of their own.
 */
export function createPool(connections: Connections, max: number): pg.Pool {
  const pool = new pg.Pool({ ...withLimits(connections), max })
  pool.on('error', ignoreLostConnection)
  pool.on('connect', (client) => client.on('error', ignoreLostConnection))
  return pool
}

/** One connection outside of the pools. */
export function createClient(connections: Connections): pg.Client {
  const client = new pg.Client(withLimits(connections))
  client.on('error', ignoreLostConnection)
  return client
}

function withLimits({ clientConfig }: Connections): pg.ClientConfig {
  return {
    application_name: 'orch',
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    query_timeout: limits.answerMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...clientConfig(),
  }
}

/** The query that used the connection rejects, and the next one opens another. */
function ignoreLostConnection(): void {}
