import { fsyncSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import type { NodeFS } from '@electric-sql/pglite/nodefs'
import { failureText } from '../../../lib/failure-text.js'
import { LogFlusher, SystemDisk } from './log-flusher.js'
import type { Session } from './shared-session.js'

export interface PGliteOptions {
  dataDirectory: string
  /** Bytes of a data directory that a new one starts as; null: it is made here, which takes seconds. */
  template: Blob | null
}

/** Its default of 128 MB is for a server of its own: what the service reads often is a few megabytes. */
const sharedBuffers = 'shared_buffers=32MB'

/** Opens PGlite on a directory, which no other process may have open. */
export async function openPGlite({ dataDirectory, template }: PGliteOptions): Promise<Session> {
  const [{ PGlite }, { NodeFS }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/nodefs'),
  ])
  const log: string[] = []
  const disk = new SystemDisk()
  const flusher = new LogFlusher(disk)
  let isStarting = true
  const database = new PGlite({
    fs: withSync(new NodeFS(dataDirectory), (file) => writeThrough(file, dataDirectory, flusher)),
    // By default it never waits for the disk (-F), and a power failure loses what was committed last.
    startParams: [
      ...PGlite.defaultStartParams.filter((each) => each !== '-F'),
      ...['-c', 'wal_sync_method=fsync', '-c', sharedBuffers],
    ],
    onStderr: (line) => {
      if (isStarting) log.push(line)
      return false
    },
    ...(template && { loadDataDir: template }),
  })
  try {
    await database.waitReady
  } catch (error) {
    abandon(database)
    throw new Error(reasonIn(log) ?? failureText(error), { cause: error })
  } finally {
    isStarting = false
  }
  return {
    execute: async (bytes) => ({ answer: await execute(database, bytes), onDisk: flusher.flush() }),
    close: async () => {
      await database.close()
      await flusher.flush()
      await disk.close()
    },
    abandon: () => {
      abandon(database)
      void disk.close()
    },
  }
}

/** Why the server did not start: `<time> [<pid>] FATAL:  <reason>`; null: it did not say. */
function reasonIn(log: readonly string[]): string | null {
  const lines = log.map((line) => /(?:FATAL|PANIC): +(.*)/u.exec(line)?.[1])
  return lines.findLast((reason) => reason !== undefined) ?? null
}

/** Closes its files. */
function abandon({ Module: module }: PGlite): void {
  ;(module as FolderModule).FS.quit()
}

/** A file that PGlite has open: its path there, and its descriptor here. */
interface OpenFile {
  path: string
  nfd: number
}

/** Parts of PGlite's module that its types do not describe: how it uses the folder. */
interface FolderModule {
  FS: { quit: () => void }
  NODEFS: { stream_ops: { fsync?: (file: OpenFile) => number } }
}

/** PGlite's own file system ignores the request to write a file through to the disk. */
function withSync(folder: NodeFS, sync: (file: OpenFile) => void): NodeFS {
  const init = folder.init.bind(folder)
  folder.init = async (...args) => {
    const { emscriptenOpts } = await init(...args)
    const addSync = (module: object): void => {
      ;(module as FolderModule).NODEFS.stream_ops.fsync = (file) => {
        sync(file)
        return 0
      }
    }
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync] } }
  }
  return folder
}

/** A segment of the log. */
const segment = /\/pg_wal\/[0-9A-F]{24}$/u

/** Every commit writes to the log, the other files wait for a checkpoint. */
function writeThrough({ path, nfd }: OpenFile, dataDirectory: string, flusher: LogFlusher): void {
  if (segment.test(path)) return flusher.mark(join(dataDirectory, 'pg_wal', basename(path)))
  flusher.flushNow()
  fsyncSync(nfd)
}

/** By the stream, because the other ways keep every message that they parse. */
async function execute(database: PGlite, bytes: Buffer): Promise<Buffer> {
  const answer: Buffer[] = []
  // The pieces lie in the memory of PGlite, which it uses again.
  await database.execProtocolRawStream(bytes, { onRawData: (piece) => void answer.push(Buffer.from(piece)) })
  return Buffer.concat(answer)
}
