import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Positioned } from './flow-rules.js'

const namePattern = /^(\d{10})-([0-9a-f]{20})\.json$/u

/** A file is not what this program writes. */
class ItemProblem extends Error {}

/** A folder with one JSON file for each item. The name of a file has the item's place in the order of arrival and a hash of its id. */
export class ItemFolder<Item extends object> {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  /** Names of the files, oldest first. */
  async names(): Promise<string[]> {
    try {
      return (await readdir(this.directory)).filter((name) => namePattern.test(name)).sort()
    } catch (error) {
      if (isCode(error, 'ENOENT')) return []
      throw error
    }
  }

  /** Name of the file of an item; undefined: it is not kept. */
  async find(id: string): Promise<string | undefined> {
    const ending = `-${hashOf(id)}.json`
    return (await this.names()).find((name) => name.endsWith(ending))
  }

  /** Null: there is no such file. Rejects when it is not what `write` writes. */
  async read(name: string): Promise<Item | null> {
    const path = join(this.directory, name)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null
      throw error
    }
    try {
      const { version, item } = JSON.parse(text) as { version: number; item: Item }
      if (version === 1 && typeof item === 'object') return item
    } catch (error) {
      throw new ItemProblem(`${path} is damaged. Restore it, or remove it.`, { cause: error })
    }
    throw new ItemProblem(`${path} was written by a newer orch, or edited. Update orch, or remove the file.`)
  }

  /** Null: there is no such file, or it is damaged or newer, which a reader of that file is told. */
  async readSound(name: string): Promise<Item | null> {
    try {
      return await this.read(name)
    } catch (error) {
      if (error instanceof ItemProblem) return null
      throw error
    }
  }

  async *newestFirst(below: number): AsyncGenerator<Positioned<Item>> {
    for (const name of (await this.names()).toReversed()) {
      const position = positionIn(name)
      const item = position < below ? await this.read(name) : null
      if (item) yield { position, item }
    }
  }

  /** The name of the file that a new item gets, after all others. Only one process at a time may ask. */
  async nextName(id: string): Promise<string> {
    const last = (await this.names()).at(-1)
    const position = last === undefined ? 1 : positionIn(last) + 1
    return `${String(position).padStart(10, '0')}-${hashOf(id)}.json`
  }

  /** Writes the file as a whole: after a crash it has the old content or the new one. Readable by its owner only. */
  async write(name: string, item: Item): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 })
    const path = join(this.directory, name)
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify({ version: 1, item }))
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.directory, name), { force: true })
  }
}

function positionIn(name: string): number {
  return Number(name.slice(0, 10))
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 20)
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
