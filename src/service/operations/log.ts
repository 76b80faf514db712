/** The fields of a line of the log, such as `delivery` and `orchestration`. */
export type LogFields = Readonly<Record<string, unknown>>

/** The log of the service: one line of JSON each. Secrets are removed from every line. */
export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A log whose lines have these fields too. */
  with(fields: LogFields): Log
}
