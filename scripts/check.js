// `npm test`: runs every check in parallel, also after a failed one. The last line is `N passed, N failed`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printTotal, runChecks } from './run-checks.js'

const results = mkdtempSync(join(tmpdir(), 'orch-check-'))
const bin = (name) => join('node_modules', '.bin', name)

/** Tests start the built command, so they come after the build. */
function tests(name, project) {
  const report = join(results, `${name}.json`)
  const args = ['run', `--project=${project}`, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  return { name, command: bin('vitest'), args, report, after: 'build' }
}

const all = await runChecks([
  { name: 'build', command: process.execPath, args: ['scripts/build.js', '--unchecked'] },
  // The linter reports every error of the compiler as well (docs/decisions/0030-native-checks.md). Format runs after it, because in parallel
  // they would slow down the tests.
  { name: 'types and lint', command: bin('oxlint'), args: [], isPatient: true },
  { name: 'format', command: bin('oxfmt'), args: ['--check'], isPatient: true, after: 'types and lint' },
  { ...tests('tests', '!chaos'), isPatient: true },
  // It mostly waits for its clock, so it runs in its own process and does not occupy a test worker.
  tests('chaos', 'chaos'),
])
rmSync(results, { recursive: true, force: true })
process.exit(printTotal(all))
