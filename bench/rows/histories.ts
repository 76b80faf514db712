import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Experiment } from '../experiment.js'
import { measured } from '../measured.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Number of histories. Their seeds change with the day, so they differ from those of `npm test`. */
const sample = 1_600

interface Report {
  numTotalTests: number
  numPassedTests: number
}

/** Runs a sample of the histories of `tests/simulation`. A failed test there is a broken law. */
export const histories: Experiment = {
  rows: ['histories'],
  measure: () => {
    const folder = mkdtempSync(join(tmpdir(), 'orch-bench-histories-'))
    try {
      const report = join(folder, 'report.json')
      const vitest = join(root, 'node_modules/.bin/vitest')
      const args = ['run', 'tests/simulation/laws-', '--reporter=json', `--outputFile=${report}`]
      const draw = String(Math.floor(Date.now() / 86_400_000))
      spawnSync(vitest, args, {
        cwd: root,
        env: { ...process.env, ORCH_HISTORIES: String(sample), ORCH_DRAW: draw },
        stdio: 'ignore',
      })
      const { numTotalTests, numPassedTests } = JSON.parse(readFileSync(report, 'utf8')) as Report
      if (numTotalTests === 0) throw new Error('no history was simulated')
      const notes = [`${sample} histories, ORCH_DRAW=${draw}`]
      return Promise.resolve([measured('histories', [numTotalTests - numPassedTests], notes)])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
