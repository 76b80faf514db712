import type { Log, LogFields } from '../../../src/service/operations/log.js'

/** A log that keeps its lines, as `warn the message {"delivery":"1"}`. */
export function createMemoryLog(lines: string[] = [], common: LogFields = {}): Log & { lines: string[] } {
  const write =
    (level: string) =>
    (fields: LogFields, message: string): void => {
      lines.push(`${level} ${message} ${JSON.stringify({ ...common, ...fields })}`)
    }
  return {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => createMemoryLog(lines, { ...common, ...fields }),
  }
}
