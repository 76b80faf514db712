import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // No test sleeps, so none needs long; real git and real builds need seconds, not minutes.
    testTimeout: 30_000,
    // Vitest leaves one core idle, which is half of them where there are two.
    maxWorkers: availableParallelism(),
    env: { NO_COLOR: '1' },
    unstubEnvs: true,
  },
})
