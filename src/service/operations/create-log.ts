import { pino, stdSerializers } from 'pino'
import type { Logger } from 'pino'
import type { Redact } from '../../lib/redaction.js'
import type { Log, LogFields } from './log.js'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  /** Takes one line, with its line break. It must not throw. */
  write: (line: string) => void
  /** ms, UTC. */
  now: () => number
  /** Removes the secrets from a text. */
  redact: Redact
  /** Absent: `info`. */
  level?: LogLevel
}

/** A log of JSON lines with `level`, `time` (ISO, UTC), the fields and `message`. */
export function createLog({ write, now, redact, level = 'info' }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: undefined,
      messageKey: 'message',
      errorKey: 'error',
      serializers: { error: stdSerializers.err },
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(visible(redact(line))) },
  )
  return wrap(logger)
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    with: (fields: LogFields) => wrap(logger.child(fields)),
  }
}

/** DEL, the C1 controls, line separators and marks that reverse text: JSON may carry them raw, a terminal obeys them. */
const unsafe = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** The same JSON, with every character that could drive a terminal as an escape. */
function visible(line: string): string {
  return line.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
