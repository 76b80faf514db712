// `npm run test:nightly`: the checks that take hours. A million histories, a thousand orchestrations of the chaos suite, all tests without a
// sample, and mutation testing. A failed check does not skip others. The last line is `N passed, N failed`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printTotal, runChecks } from './run-checks.js'

const results = mkdtempSync(join(tmpdir(), 'orch-nightly-'))

function tests(name, args, env) {
  const report = join(results, `${name.replace(' ', '-')}.json`)
  const command = join('node_modules', '.bin', 'vitest')
  return {
    name,
    command,
    args: ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    env,
    report,
  }
}

function mutation(part, after) {
  return { name: `mutation ${part}`, command: process.execPath, args: ['scripts/mutation.js', part], after }
}

const all = await runChecks([
  { name: 'build', command: process.execPath, args: ['scripts/build.js'] },
  // It mostly waits for its clock, so that the others run beside it.
  { name: 'chaos', command: process.execPath, args: ['scripts/chaos.js'], after: 'build' },
  {
    ...tests('histories', ['tests/simulation/laws'], { ORCH_EXHAUSTIVE: 'true', ORCH_HISTORIES: '1000000' }),
    after: 'build',
    isPatient: true,
  },
  {
    // All tests, and all of those of which `npm test` tries a part (tests/support/exhaustive.ts).
    ...tests('exhaustive', [], { ORCH_EXHAUSTIVE: 'true' }),
    after: 'histories',
    isPatient: true,
  },
  { ...mutation('config', 'exhaustive'), isPatient: true },
  { ...mutation('model', 'mutation config'), isPatient: true },
  { ...mutation('engine', 'mutation model'), isPatient: true },
])
rmSync(results, { recursive: true, force: true })
process.exit(printTotal(all))
