import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { TestProjectInlineConfiguration } from 'vitest/config'
import { LongestFirst } from './tests/support/longest-first.js'
import { memoryFolder } from './tests/support/memory-folder.js'
import { weeklyDraw } from './tests/support/weekly-draw.js'

const files = readdirSync(join(import.meta.dirname, 'tests'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `tests/${path.replaceAll('\\', '/')}`)

const fastFolders = ['unit', 'report', 'github', 'sandbox', 'contract'].map((folder) => `tests/${folder}/`)
const fastFiles = ['tests/architecture.test.ts', 'tests/simulation/found.test.ts']

function projectOf(path: string): string {
  if (path === 'tests/chaos/chaos.test.ts') return 'chaos'
  if (fastFiles.includes(path) || fastFolders.some((folder) => path.startsWith(folder))) return 'fast'
  return path.startsWith('tests/simulation/') ? 'simulation' : 'slow'
}

/** What a file must not leave behind for the next one: replaced modules and a changed environment. */
const needsIsolation = /\bvi\.(mock|doMock|resetModules|stubEnv|stubGlobal|useFakeTimers)\(/u

/** Files share the modules that a worker has loaded, which halves the time of the short ones; those that need isolation have a worker each. */
function projects(): TestProjectInlineConfiguration[] {
  const groups = new Map<string, string[]>()
  for (const path of files) {
    const isIsolated = needsIsolation.test(readFileSync(join(import.meta.dirname, path), 'utf8'))
    const name = `${projectOf(path)}${isIsolated ? '-isolated' : ''}`
    groups.set(name, [...(groups.get(name) ?? []), path])
  }
  return [...groups].map(([name, include]) => ({
    extends: true,
    test: { name, include, isolate: name.endsWith('-isolated') },
  }))
}

/** GitHub's parser of workflows imports JSON without an attribute, which only a bundler accepts, and names source maps that it does not contain. */
const workflowParser = '@actions/workflow-parser'
const withoutSourceMaps = {
  name: 'without-source-maps',
  load: (id: string) =>
    id.includes(workflowParser) && id.endsWith('.js')
      ? readFileSync(id, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/mu, '')
      : null,
}

export default defineConfig({
  plugins: [withoutSourceMaps],
  test: {
    projects: projects(),
    pool: 'threads',
    sequence: { sequencer: LongestFirst },
    // No test sleeps, so this ends only a test that hangs; on a busy machine one of two seconds has taken thirty.
    testTimeout: 60_000,
    // Vitest leaves one core idle, which is half of them where there are two.
    maxWorkers: availableParallelism(),
    env: {
      NO_COLOR: '1',
      ORCH_DRAW: process.env['ORCH_DRAW'] ?? String(weeklyDraw(new Date())),
      TMPDIR: memoryFolder(),
    },
    unstubEnvs: true,
    server: { deps: { inline: [workflowParser] } },
  },
})
