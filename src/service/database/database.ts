import type { Pool } from 'pg'

/**
 * Runs one statement with `$1`-style parameters and resolves to its rows; a bigint is a number. Rejects with `DatabaseUnreachable` when
 * the database cannot be reached, and with the error of `pg` when the database refuses the statement.
 */
export type Query = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<Row[]>

export interface TransactionOptions {
  /** The advisory lock that the transaction holds from its begin to its end: whole numbers of 32 bits. */
  lock?: readonly [number] | readonly [number, number]
}

/** The one database of a service: PostgreSQL, or PGlite in this process. */
export interface Database {
  readonly kind: 'embedded' | 'postgres'
  /** Where it is, as text for a reader; never with a password. */
  readonly location: string
  query: Query
  /**
   * Commits when `work` resolves, rolls back when it rejects. `work` must use the query that it is given: an embedded database has one
   * session, so a query of the database itself would wait for the end of the transaction.
   */
  transaction<T>(work: (query: Query) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Sends a message to every process that listens. It is a hint: one that is lost must not matter. 8,000 bytes at most. */
  notify(channel: string, payload: string): Promise<void>
  /** Calls the listener for each message, also one of this process. Returns a function that removes it. */
  listen(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>>
  /** Connections for a library that brings its own statements; always the same pool. It ends with the database. */
  pool(): Pool
  close(): Promise<void>
}
