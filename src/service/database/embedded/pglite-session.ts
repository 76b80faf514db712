import type { PGlite } from '@electric-sql/pglite'
import type { Session } from './shared-session.js'

export interface PGliteOptions {
  dataDirectory: string
  /** Bytes of a data directory that a new one starts as; null: it is made here, which takes seconds. */
  template: Blob | null
}

/** Opens PGlite on a directory, which no other process may have open. */
export async function openPGlite({ dataDirectory, template }: PGliteOptions): Promise<Session> {
  const { PGlite } = await import('@electric-sql/pglite')
  const database = await PGlite.create(dataDirectory, template ? { loadDataDir: template } : {})
  return {
    execute: (bytes) => execute(database, bytes),
    close: () => database.close(),
  }
}

/** By the stream, because the other ways keep every message that they parse. */
async function execute(database: PGlite, bytes: Buffer): Promise<Buffer> {
  const answer: Buffer[] = []
  // The pieces lie in the memory of PGlite, which it uses again.
  await database.execProtocolRawStream(bytes, { onRawData: (piece) => void answer.push(Buffer.from(piece)) })
  return Buffer.concat(answer)
}
