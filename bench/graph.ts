import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A graph file's jobs: what each needs. Job and repository have the same name. */
export type Jobs = Readonly<Record<string, readonly string[]>>

/** The example of the README: one, then three side by side, then one. */
export const exampleJobs: Jobs = {
  repoA: [],
  repoB: ['repoA'],
  repoC: ['repoA'],
  repoD: ['repoA'],
  repoE: ['repoB', 'repoC', 'repoD'],
}

/** So many repositories that do not need each other. */
export function wideJobs(count: number): Jobs {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`repo${index + 1}`, []]))
}

/** The text of `orchestrator.yaml`. */
export function graphText(jobs: Jobs, timeoutMinutes = 30): string {
  const lines = Object.entries(jobs).map(([name, needs]) => `  ${name}: { needs: [${needs.join(', ')}] }`)
  const defaults = `defaults: { timeout-minutes: ${timeoutMinutes} }`
  return ['version: 1', 'owner: acme', 'branches: DPTA-*', defaults, 'jobs:', ...lines, ''].join('\n')
}

/** A new folder with this graph file; gone with `await using`. */
export async function graphFolder(text: string): Promise<{ directory: string } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-bench-'))
  await writeFile(join(directory, 'orchestrator.yaml'), text)
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}
