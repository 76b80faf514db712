import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** For scripts/chaos.js: the campaign is no part of the tests, which have a short form of it. */
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
