import type { Log, LogFields } from '../../../src/service/operations/log.js'

/** A log that keeps its lines, as `level message`. */
export class KeptLog implements Log {
  readonly lines: string[] = []
  readonly fields: LogFields[] = []

  debug(fields: LogFields, message: string): void {
    this.keep('debug', fields, message)
  }

  info(fields: LogFields, message: string): void {
    this.keep('info', fields, message)
  }

  warn(fields: LogFields, message: string): void {
    this.keep('warn', fields, message)
  }

  error(fields: LogFields, message: string): void {
    this.keep('error', fields, message)
  }

  with(): Log {
    return this
  }

  private keep(level: string, fields: LogFields, message: string): void {
    this.lines.push(`${level} ${message}`)
    this.fields.push(fields)
  }
}
