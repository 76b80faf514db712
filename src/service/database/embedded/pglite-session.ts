import { fsyncSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { PGlite } from '@electric-sql/pglite'
import type { NodeFS } from '@electric-sql/pglite/nodefs'
import { failureText } from '../../../lib/failure-text.js'
import { LogFlusher, SystemDisk } from './log-flusher.js'
import type { Session } from './shared-session.js'

/**
 * By default V8 compiles a function of WebAssembly a second time, with optimizations, after a few calls: that is half of what a start costs.
 * With this limit only functions that have run for about half a second are worth it.
 */
const tieringBudget = '--wasm-tiering-budget=400000000'

/** PGlite's own 128 MB are touched at each start. The operating system keeps the files of the database in memory as well. */
const sharedBuffers = ['-c', 'shared_buffers=32MB']

/** PGlite, as it is installed. */
export interface PGliteLibrary {
  PGlite: typeof PGlite
  NodeFS: typeof NodeFS
}

/** Null: it is not installed. It is not part of orch, because it is larger than all of orch (docs/decisions/0040-one-package.md). */
export async function loadPGlite(): Promise<PGliteLibrary | null> {
  try {
    const [{ PGlite }, { NodeFS }] = await Promise.all([
      import('@electric-sql/pglite'),
      import('@electric-sql/pglite/nodefs'),
    ])
    return { PGlite, NodeFS }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return null
    throw error
  }
}

/** Opens PGlite on a data directory, which no other process may have open. One that is absent is made, which takes seconds. */
export async function openPGlite({ PGlite, NodeFS }: PGliteLibrary, dataDirectory: string): Promise<Session> {
  setFlagsFromString(tieringBudget)
  const log: string[] = []
  const disk = new SystemDisk()
  const flusher = new LogFlusher(disk)
  let isStarting = true
  const database = new PGlite({
    fs: withSync(new NodeFS(dataDirectory), (file) => writeThrough(file, dataDirectory, flusher)),
    startParams: [...waitingParams(PGlite.defaultStartParams), ...sharedBuffers],
    onStderr: (line) => {
      if (isStarting) log.push(line)
      return false
    },
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

/** By default PGlite never waits for the disk (-F), and a power failure loses what was committed last. */
function waitingParams(usual: readonly string[]): string[] {
  return [...usual.filter((each) => each !== '-F'), '-c', 'wal_sync_method=fsync']
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
