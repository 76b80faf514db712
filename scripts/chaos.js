// Runs the example change repeatedly with random faults from a seed (docs/chaos.md). Exits with 1 if an invariant is violated.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string' },
    parallel: { type: 'string', default: '8' },
    scale: { type: 'string', default: '20' },
    short: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  console.log('npm run chaos -- [--seed <n>] [--count <n>] [--parallel <n>] [--scale <n>] [--short]   (docs/chaos.md)')
  process.exit(0)
}
const { seed = '1', count = values.seed === undefined ? '1000' : '1', parallel, scale, short } = values
for (const [name, value] of Object.entries({ seed, count, parallel, scale })) {
  if (!/^[1-9]\d*$/.test(value)) {
    console.error(`--${name} takes a whole number from 1, not ${JSON.stringify(value)}`)
    process.exit(2)
  }
}

const build = spawnSync(process.execPath, ['scripts/build.js'], { stdio: 'inherit' })
if (build.status !== 0) process.exit(1)
const vitest = join('node_modules', '.bin', 'vitest')
const { status } = spawnSync(vitest, ['run', '--config', 'tests/chaos/vitest.config.js'], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: {
    ...process.env,
    CHAOS_SEED: seed,
    CHAOS_COUNT: count,
    CHAOS_PARALLEL: parallel,
    CHAOS_SCALE: scale,
    CHAOS_SIZE: short ? 'short' : 'full',
  },
})
process.exit(status === 0 ? 0 : 1)
