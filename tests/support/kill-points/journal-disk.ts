import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { headerLine } from '../../../src/store/journal-format.js'
import { journalDirectory, journalPath } from '../../../src/store/paths.js'
import { readJournal } from '../../../src/store/read-journal.js'
import type { FileReading } from '../../../src/store/read-journal.js'
import { branch } from './example-world.js'

/**
 * The bytes of one journal, written in memory because hundreds of runs would wait for a real disk, and read by the real reader from a
 * real file. `tests/scenarios/kill-points/disk.test.ts` compares the bytes with those of the real journal.
 */
export class JournalDisk implements AsyncDisposable {
  private content = Buffer.alloc(0)
  private readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  static async open(): Promise<JournalDisk> {
    const directory = await mkdtemp(join(tmpdir(), 'orch-journal-disk-'))
    await mkdir(journalDirectory(directory))
    return new JournalDisk(directory)
  }

  /** Empties the disk, for another run. */
  clear(): void {
    this.content = Buffer.alloc(0)
  }

  write(bytes: Uint8Array): void {
    this.content = Buffer.concat([this.content, bytes])
  }

  bytes(): Buffer {
    return this.content
  }

  /** The result of the real reader for these bytes; removes what a crash left behind the last whole line, as reopening does. */
  async read(orchestrationId: string): Promise<FileReading> {
    if (this.content.length === 0) return { kind: 'absent' }
    await writeFile(journalPath(this.directory, orchestrationId), this.content)
    const reading = await readJournal(this.directory, orchestrationId)
    if (reading.kind === 'read') this.content = this.content.subarray(0, reading.wholeBytes)
    return reading
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** A line of a journal, as the file has it. */
export function journalLine(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

/** The first line of a journal. */
export function journalHeader(orchestrationId: string): object {
  return headerLine(orchestrationId, branch)
}
