import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../tests/support/random.js'

/** The jobs of a graph file, each with the jobs that it needs. Job and repository have the same name. */
export type Jobs = Readonly<Record<string, readonly string[]>>

/** The example of the README: one job, then three in parallel, then one. */
export const exampleJobs: Jobs = {
  repoA: [],
  repoB: ['repoA'],
  repoC: ['repoA'],
  repoD: ['repoA'],
  repoE: ['repoB', 'repoC', 'repoD'],
}

/** Returns `count` independent repositories. */
export function wideJobs(count: number): Jobs {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`repo${index + 1}`, []]))
}

export const shapes = ['wide', 'deep', 'random'] as const
export type Shape = (typeof shapes)[number]

/** Returns `count` repositories: independent ones (wide), each after the one before it (deep), or each after up to three of the fifty before it. */
export function shapedJobs(shape: Shape, count: number): Jobs {
  const random = seededRandom(count)
  const before = (index: number): number => Math.max(0, index - 1 - Math.floor(random() * 50))
  const needsOf = (index: number): number[] => {
    if (index === 0 || shape === 'wide') return []
    return shape === 'deep' ? [index - 1] : [...new Set([before(index), before(index), before(index)])]
  }
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`repo${index}`, needsOf(index).map((need) => `repo${need}`)]),
  )
}

/** Returns whether file operations are pending, which must not take virtual time. This check is cheaper than async hooks over hours of virtual time. */
export function isDiskBusy(): boolean {
  return process.getActiveResourcesInfo().some((kind) => /^FS|^FileHandle/iu.test(kind))
}

/** Formats the text of `orchestrator.yaml`. */
export function graphText(jobs: Jobs, timeoutMinutes = 30): string {
  const lines = Object.entries(jobs).map(([name, needs]) => `  ${name}: { needs: [${needs.join(', ')}] }`)
  const defaults = `defaults: { timeout-minutes: ${timeoutMinutes} }`
  return ['version: 1', 'owner: acme', 'branches: DPTA-*', defaults, 'jobs:', ...lines, ''].join('\n')
}

/** Creates a folder with this graph file; `await using` removes it. */
export async function graphFolder(text: string): Promise<{ directory: string } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-bench-'))
  await writeFile(join(directory, 'orchestrator.yaml'), text)
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}
