import type { FileHandle } from 'node:fs/promises'
import type { Journal } from '../ports/journal.js'

export interface FileJournal extends Journal {
  /** Writes one line. Resolves when it is on the disk. */
  write(value: object): Promise<void>
}

/** Appends to an open file: one event per line, each written whole and synced to the disk before the promise resolves. */
export function createFileJournal(file: FileHandle, release: () => Promise<void>): FileJournal {
  const write = (value: object): Promise<void> => writeLine(file, value)
  return {
    write,
    append: write,
    close: async () => {
      await file.close()
      await release()
    },
  }
}

async function writeLine(file: FileHandle, value: object): Promise<void> {
  const line = Buffer.from(`${JSON.stringify(value)}\n`)
  const { bytesWritten } = await file.write(line)
  if (bytesWritten < line.length) {
    throw new Error(`only ${bytesWritten} of ${line.length} bytes could be written: is the disk full?`)
  }
  await file.datasync()
}
