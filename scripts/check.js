// Every check, in order, none left out because another failed. Ends with `N passed, N failed`: each check counts as one, and each test.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const results = mkdtempSync(join(tmpdir(), 'orch-check-'))
const report = join(results, 'vitest.json')
const bin = (name) => join('node_modules', '.bin', name)

const checks = [
  // The tests start the built command, so the build comes first.
  ['build', process.execPath, ['scripts/build.js']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['lint', bin('eslint'), ['.', '--max-warnings=0']],
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['tests', bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]],
]

let passed = 0
let failed = 0
for (const [name, command, args] of checks) {
  console.log(`── ${name}`)
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (name === 'tests') {
    const { numPassedTests, numFailedTests, numTotalTests } = readReport()
    passed += numPassedTests
    // A test file that cannot even be loaded has no test that fails: the exit code tells.
    failed += status === 0 ? 0 : Math.max(1, numFailedTests)
    if (status === 0 && numPassedTests !== numTotalTests)
      console.log(`${numTotalTests - numPassedTests} tests did not run`)
  } else if (status === 0) passed += 1
  else failed += 1
}
rmSync(results, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch (error) {
    console.log(`the test report cannot be read: ${error.message}`)
    return { numPassedTests: 0, numFailedTests: 1, numTotalTests: 1 }
  }
}
