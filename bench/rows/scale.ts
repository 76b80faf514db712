import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Experiment } from '../experiment.js'
import { shapes } from '../graph.js'
import type { Shape } from '../graph.js'
import { measured } from '../measured.js'
import type { Scale } from '../scale-run.js'

/** `npx tsx bench/scale-run.ts <shape> <repositories>` measures other sizes. A thousand repositories take most of a minute for each shape. */
const sizes = [40, 400] as const

/** Measures in a separate process, so that its memory is measured alone. */
async function measure(shape: Shape, repositories: number): Promise<Scale> {
  const script = fileURLToPath(new URL('../scale-run.ts', import.meta.url))
  const args = [...process.execArgv, script, shape, String(repositories)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as Scale
}

/** Returns the CPU time for each repository, ms. */
function cpuOf({ steps, repositories }: Scale): number {
  return (1000 * steps.reduce((sum, { cpu }) => sum + cpu, 0)) / repositories
}

function note({ shape, repositories, steps, peakMemoryMb }: Scale): string {
  const figures = steps.map(({ step, cpu, requests }) => `${step} ${requests} requests, ${cpu.toFixed(1)} s`).join('; ')
  return `${shape}, ${repositories} repositories: ${figures}; ${peakMemoryMb.toFixed(0)} MB`
}

export const scale: Experiment = {
  rows: ['scale-cpu'],
  measure: async () => {
    const growths: number[] = []
    const notes: string[] = []
    for (const shape of shapes) {
      const [few, many] = [await measure(shape, sizes[0]), await measure(shape, sizes[1])]
      growths.push(cpuOf(many) / cpuOf(few))
      notes.push(note(many))
    }
    return [measured('scale-cpu', growths, notes)]
  },
}
