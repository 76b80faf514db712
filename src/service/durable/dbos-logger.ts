import type { DLogger } from '@dbos-inc/dbos-sdk'
import type { Log, LogFields } from '../operations/log.js'

/** The log of DBOS as lines of ours. What it calls information is of interest only to somebody who debugs it. */
export function dbosLogger(log: Log): DLogger {
  const write = (level: 'debug' | 'warn' | 'error', entry: unknown, fields: LogFields = {}): void =>
    log[level]({ component: 'dbos', ...fields }, entry instanceof Error ? entry.message : String(entry))
  return {
    debug: () => undefined,
    info: (entry) => write('debug', entry),
    warn: (entry) => write('warn', entry),
    error: (entry, metadata) => write('error', entry, metadata?.stack === undefined ? {} : { stack: metadata.stack }),
  }
}
