/** One message of PostgreSQL's protocol. */
export interface Frame {
  /** Its first byte, as a character; empty: the first message of a connection, which has none. */
  type: string
  /** All of its bytes. */
  bytes: Buffer
}

/**
 * Splits bytes into whole messages: a byte for the type, then the length in four bytes, which counts itself. `rest`: the beginning of a
 * message that is not whole yet.
 */
export function splitFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = []
  let start = 0
  while (bytes.length - start >= 5) {
    const end = start + 1 + bytes.readUInt32BE(start + 1)
    if (end > bytes.length) break
    frames.push({ type: String.fromCharCode(bytes.readUInt8(start)), bytes: bytes.subarray(start, end) })
    start = end
  }
  return { frames, rest: bytes.subarray(start) }
}

/** The first message of a connection, which has no type; null: it is not whole yet. */
export function splitStartup(bytes: Buffer): { rest: Buffer } | null {
  if (bytes.length < 4) return null
  const length = bytes.readUInt32BE(0)
  return bytes.length < length ? null : { rest: bytes.subarray(length) }
}

export function frame(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)))
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** `I`: no transaction; `T`: in a transaction; `E`: in one that failed. */
export type SessionState = 'I' | 'T' | 'E'

export function readyForQuery(state: SessionState): Buffer {
  return frame('Z', Buffer.from(state))
}

/** The state in a message `Z`. */
export function stateIn({ bytes }: Frame): SessionState {
  const state = String.fromCharCode(bytes.readUInt8(5))
  if (state !== 'I' && state !== 'T' && state !== 'E') throw new Error(`the database reported the state ${state}`)
  return state
}

/** The channel in a message `A`. */
export function channelIn({ bytes }: Frame): string {
  return bytes.toString('utf8', 9, bytes.indexOf(0, 9))
}

/** The text of an error, a message `E`: fields of one character and a text each, `M` being the text for a reader. */
export function messageIn({ bytes }: Frame): string {
  const fields = bytes.toString('utf8', 5).split('\0')
  return fields.find((field) => field.startsWith('M'))?.slice(1) ?? 'it gave no reason'
}

/** The answer to the first message of a connection: accepted. */
export function greeting(): Buffer {
  const parameters = {
    server_version: '18.0 (embedded)',
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  }
  return Buffer.concat([
    frame('R', Buffer.alloc(4)),
    ...Object.entries(parameters).map(([name, value]) => frame('S', name, value)),
    frame('K', Buffer.alloc(8)),
    readyForQuery('I'),
  ])
}

/** What a statement asks of a connection's channels; null: nothing. `channel` null: all of them. */
export function channelRequestIn({
  type,
  bytes,
}: Frame): { verb: 'listen' | 'unlisten'; channel: string | null } | null {
  if (type !== 'Q' && type !== 'P') return null
  // A parse message has the name of the statement before its text.
  const start = type === 'Q' ? 5 : bytes.indexOf(0, 5) + 1
  const text = bytes.toString('utf8', start, bytes.indexOf(0, start))
  const match = /^\s*(listen|unlisten)\s+(?:\*|"((?:[^"]|"")+)"|([a-z_]\w*))\s*;?\s*$/iu.exec(text)
  if (!match) return null
  const [, verb = '', quoted, plain] = match
  return {
    verb: verb.toLowerCase() === 'listen' ? 'listen' : 'unlisten',
    channel: quoted?.replaceAll('""', '"') ?? plain?.toLowerCase() ?? null,
  }
}
