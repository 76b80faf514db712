import type { Problem, Result } from '../app/problem.js'
import { stop } from '../app/problem.js'
import type { Processes } from '../lib/lock-file.js'
import { findEmbeddedOwner } from './database/embedded/embedded-connections.js'
import { openDatabase } from './database/open-database.js'
import { locationOf } from './database/postgres-connections.js'
import { listWorkers } from './workloads/queue-views.js'
import type { Worker } from './workloads/workload.js'

export interface ReadWorkersOptions {
  /** URL of PostgreSQL; null: the embedded database. */
  databaseUrl: string | null
  /** As in `EmbeddedOptions`. */
  stateDirectory: string
  processes: Processes
}

/** The workers of the service, read from its database. */
export async function readWorkers(options: ReadWorkersOptions): Promise<Result<Worker[]>> {
  const { databaseUrl } = options
  if (databaseUrl !== null) return readFromPostgres(databaseUrl)
  const pid = await findEmbeddedOwner(options)
  // The embedded database belongs to the process of its workers: without that process there are none.
  return pid === null ? { ok: true, value: [] } : stop(belongsTo(pid))
}

async function readFromPostgres(url: string): Promise<Result<Worker[]>> {
  const unreachable = new AbortController()
  try {
    const opened = await openDatabase({
      kind: 'postgres',
      url,
      onWait: (problem) => unreachable.abort(problem),
      sleep: () => Promise.resolve(),
      signal: unreachable.signal,
    })
    if (opened.kind === 'refused') return stop(cannotRead(opened.problem, opened.remedy))
    try {
      return { ok: true, value: await listWorkers(opened.database) }
    } finally {
      await opened.database.close()
    }
  } catch (error) {
    if (!unreachable.signal.aborted || error !== unreachable.signal.reason) throw error
    const problem = String(error)
    return stop(cannotRead(problem, `Start the server of ${locationOf(url) ?? 'the database'}, or correct its URL.`))
  }
}

function cannotRead(message: string, remedy: string): Problem {
  return { kind: 'failed', message, why: 'the service keeps its queue and its workers there', remedy }
}

function belongsTo(pid: number): Problem {
  return {
    kind: 'failed',
    message: `the database of the service is used by process ${pid}, which runs it`,
    why: 'the embedded database can belong to one process only',
    remedy: 'Ask that process: GET /workers at its address, or /workloads in the dashboard.',
  }
}
