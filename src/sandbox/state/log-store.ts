import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Keeps the logs of workflow jobs, one line per entry. */
export interface LogStore {
  write(jobId: number, lines: string[]): void
  /** Null: the job wrote none. */
  read(jobId: number): string[] | null
  /** Puts what was written since onto the disk. */
  flush(): void
}

export function createMemoryLogs(): LogStore {
  const logs = new Map<number, string[]>()
  return {
    write: (jobId, lines) => void logs.set(jobId, lines),
    read: (jobId) => logs.get(jobId) ?? null,
    flush: () => undefined,
  }
}

/** One file per job in a folder; a log that is still being written is in memory until `flush`. */
export function createDiskLogs(directory: string): LogStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const unsaved = new Map<number, string[]>()
  const file = (jobId: number): string => join(directory, `${jobId}.txt`)
  return {
    write: (jobId, lines) => void unsaved.set(jobId, lines),
    read(jobId) {
      const lines = unsaved.get(jobId)
      if (lines !== undefined) return lines
      try {
        return readFileSync(file(jobId), 'utf8').split('\n').slice(0, -1)
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
        throw error
      }
    },
    flush() {
      for (const [jobId, lines] of unsaved) {
        // A line of a log holds no line feed, so that reading gives back what was written.
        const text = lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join('')
        writeFileSync(`${file(jobId)}.new`, text)
        renameSync(`${file(jobId)}.new`, file(jobId))
      }
      unsaved.clear()
    },
  }
}
