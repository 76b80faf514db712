import { readFile } from 'node:fs/promises'
import { journalVersion } from '../../src/store/journal-format.js'

/** The orchestration of both fixtures. */
export const fixtureId = '01m7ynaym001zpgc'

/**
 * Journals that orch wrote while version 1 was the current one (commit e8f2b8c): a superseded orchestration with a skipped, a re-run and a
 * left-running job; and one with `--only repoB` whose process was killed while repoB was building.
 */
export async function versionOneFixtures(): Promise<{ superseded: string; onlyOneJob: string }> {
  const read = (name: string): Promise<string> =>
    readFile(new URL(`../unit/store/fixtures/version-1/${name}.jsonl`, import.meta.url), 'utf8')
  return { superseded: await read('superseded'), onlyOneJob: await read('only-one-job') }
}

/** A journal of the current version in the format of version 1, for a scene that has to match the state of its GitHub. */
export function inVersionOne(journal: string): string {
  return journal
    .replace(`"journal":${journalVersion}`, '"journal":1')
    .replaceAll('"outcome":"left-running"', '"outcome":"left"')
    .replaceAll('"action":"exclude"', '"action":"leave"')
}
