import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { codeOf } from '../unreachable.js'

/** How files are written through to the disk; tests provide their own. */
export interface DiskSync {
  /** Blocks the process. */
  now(path: string): void
  later(path: string): Promise<void>
}

/**
 * Writes the database's log through to the disk without blocking the process. Statements that commit while the disk is busy share the next
 * write. The database itself believes that each has happened at once, so the code that answers a client waits for `flush`.
 */
export class LogFlusher {
  readonly #disk: DiskSync
  readonly #changed = new Set<string>()
  /** What a write in progress covers. */
  #writing: readonly string[] = []
  /** The last write that was begun or is queued; it stays rejected when one has failed. */
  #last: Promise<void> = Promise.resolve()
  #isQueued = false

  constructor(disk: DiskSync) {
    this.#disk = disk
  }

  /** Called when a part of the log must reach the disk. */
  mark(path: string): void {
    this.#changed.add(path)
  }

  /** Resolves when what was marked since the last write began is on the disk. */
  flush(): Promise<void> {
    if (this.#changed.size === 0) return Promise.resolve()
    if (!this.#isQueued) {
      this.#isQueued = true
      this.#last = this.#last.then(() => this.#write())
    }
    return this.#last
  }

  /** For a file of the tables, which must not reach the disk before the log does. */
  flushNow(): void {
    for (const path of new Set([...this.#writing, ...this.#changed])) this.#disk.now(path)
  }

  async #write(): Promise<void> {
    this.#isQueued = false
    this.#writing = [...this.#changed]
    this.#changed.clear()
    for (const path of this.#writing) await this.#disk.later(path)
    this.#writing = []
  }
}

/**
 * Keeps the segment of the log open that was written last: a commit should cost no more than the write. The database renames and removes
 * segments that it no longer needs, so one that is absent does not have to be written.
 */
export class SystemDisk implements DiskSync {
  #last: { path: string; file: FileHandle } | null = null

  now(path: string): void {
    if (!existsSync(path)) return
    const file = openSync(path, 'r+')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  async later(path: string): Promise<void> {
    if (this.#last?.path !== path) {
      await this.close()
      const file = await openIfPresent(path)
      if (!file) return
      this.#last = { path, file }
    }
    await this.#last.file.datasync()
  }

  async close(): Promise<void> {
    const last = this.#last
    this.#last = null
    await last?.file.close()
  }
}

async function openIfPresent(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}
