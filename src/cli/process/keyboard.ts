import type { Readable } from 'node:stream'

/** The standard input of the command. */
export interface Keyboard {
  stream: Readable
  /** Whether a person types there. */
  isTTY: boolean
}
