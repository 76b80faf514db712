import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Experiment } from '../experiment.js'
import { measured } from '../measured.js'
import type { Measured } from '../measured.js'
import { measureProcess } from '../process.js'
import type { RowId } from '../table.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Measures the duration of the tests, once each. A run with a failed test gives no figure. */
export const tests: Experiment = {
  rows: ['tests', 'tests-fast'],
  measure: async () => [await duration('tests', 'test'), await duration('tests-fast', 'test:fast')],
}

async function duration(id: RowId, script: string): Promise<Measured> {
  const startedAt = Date.now()
  const env = { HOME: homedir() }
  const { code, stdout, endedAt, cpu } = await measureProcess('npm', ['run', '--silent', script], { cwd: root, env })
  const lines = stdout.trimEnd().split('\n')
  if (code !== 0) throw new Error(`npm run ${script} failed: ${lines.at(-1) ?? ''}`)
  // A busy machine takes longer; the CPU time shows how much of the duration the tests used.
  const note = `CPU time ${Math.round(cpu)} s: two cores need at least ${Math.round(cpu / 2)} s`
  return measured(id, [(endedAt - startedAt) / 1000], [note])
}
