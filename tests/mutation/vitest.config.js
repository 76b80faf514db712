import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The tests that are run on each mutant of a part of the core, by scripts/mutation.js. */
const suites = {
  engine: ['tests/unit/**/*.test.ts', 'tests/simulation/found.test.ts', 'tests/simulation/laws-1.test.ts'],
  config: ['tests/unit/config-*.test.ts'],
  model: ['tests/unit/**/*.test.ts'],
}

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: suites[process.env.ORCH_MUTATION_PART ?? 'engine'],
    // They start processes of their own or test no part of the core.
    exclude: [
      'tests/unit/journal*.test.ts',
      'tests/unit/simulation/weekly-draw.test.ts',
      'tests/unit/simulation/overwriting-law.test.ts',
    ],
    testTimeout: 60_000,
    unstubEnvs: true,
    // Only the first of the eight files is run: 50 histories for each mutant.
    env: { NO_COLOR: '1', ORCH_DRAW: '1', ORCH_HISTORIES: '400' },
  },
})
