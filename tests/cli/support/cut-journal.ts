import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Scene } from '../../support/scene.js'

/** The folder of the journals of a scene. */
export function journalFolder(scene: Scene): string {
  return join(scene.directory, '.orch', 'orchestrations')
}

/** IDs of the journals of a scene, oldest first. */
export async function journalIds(scene: Scene): Promise<string[]> {
  const names = await readdir(journalFolder(scene))
  return names.flatMap((name) => /^(.+)\.jsonl$/u.exec(name)?.[1] ?? []).sort()
}

/** The newest journal of a scene: its id, its path, its lines with their line breaks. */
export async function newestJournal(scene: Scene): Promise<{ id: string; path: string; lines: string[] }> {
  const id = (await journalIds(scene)).at(-1)
  if (id === undefined) throw new Error('there is no journal')
  const path = join(journalFolder(scene), `${id}.jsonl`)
  const text = await readFile(path, 'utf8')
  return { id, path, lines: text.split(/(?<=\n)/u) }
}

/**
 * Removes the events after the first event of a type from the newest journal, as if the process had died then; returns the removed
 * lines.
 */
export async function cutAfter(scene: Scene, type: string): Promise<{ id: string; path: string; rest: string[] }> {
  const { id, path, lines } = await newestJournal(scene)
  const at = lines.findIndex((line) => line.includes(`"type":"${type}"`))
  if (at < 0) throw new Error(`no event ${type}`)
  await writeFile(path, lines.slice(0, at + 1).join(''))
  return { id, path, rest: lines.slice(at + 1) }
}
