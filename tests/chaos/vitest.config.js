import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** For scripts/chaos.js: the full campaign is not part of the test suite, which runs a short form of it. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['tests/chaos/campaign.ts'],
    testTimeout: 0,
    env: { NO_COLOR: '1' },
    disableConsoleIntercept: true,
    reporters: [['default', { summary: false }]],
  },
})
