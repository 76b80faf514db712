import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { TestProjectInlineConfiguration } from 'vitest/config'
import { LongestFirst } from './tests/support/longest-first.js'
import { temporaryFolder } from './tests/support/temporary-folder.js'
import { weeklyDraw } from './tests/support/weekly-draw.js'

const files = readdirSync(join(import.meta.dirname, 'tests'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => `tests/${path.replaceAll('\\', '/')}`)

/** What a file must not leave behind for the next one: replaced modules and a changed environment. */
const needsIsolation = /\bvi\.(mock|doMock|resetModules|stubEnv|stubGlobal|useFakeTimers)\(/u

const names = ['shared', 'isolated', 'chaos'] as const

function projectOf(path: string): (typeof names)[number] {
  if (path === 'tests/chaos/chaos.test.ts') return 'chaos'
  return needsIsolation.test(readFileSync(join(import.meta.dirname, path), 'utf8')) ? 'isolated' : 'shared'
}

/** The files of a project share the modules that a worker has loaded, unless they need isolation. Each project compiles and loads its own, so that there are few. */
function projects(): TestProjectInlineConfiguration[] {
  return names.map((name) => ({
    extends: true,
    test: { name, include: files.filter((path) => projectOf(path) === name), isolate: name === 'isolated' },
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
    hookTimeout: 60_000,
    // One more than there are cores, because tests that start processes wait for them.
    maxWorkers: availableParallelism() + 1,
    env: {
      NO_COLOR: '1',
      ORCH_DRAW: process.env['ORCH_DRAW'] ?? String(weeklyDraw(new Date())),
      TMPDIR: temporaryFolder(),
    },
    unstubEnvs: true,
    server: { deps: { inline: [workflowParser] } },
  },
})
