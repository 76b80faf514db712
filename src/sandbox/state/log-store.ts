import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Stores the logs of workflow jobs, one line per entry. */
export interface LogStore {
  write(jobId: number, lines: string[]): void
  /** Returns null if the job wrote no log. */
  read(jobId: number): string[] | null
  /** Writes unsaved lines to disk. */
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

/** One file per job in a folder. New lines of a log stay in memory until `flush`. */
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
        // A log line contains no line feed, so that reading returns the written lines.
        const text = lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join('')
        writeFileSync(`${file(jobId)}.new`, text)
        renameSync(`${file(jobId)}.new`, file(jobId))
      }
      unsaved.clear()
    },
  }
}
