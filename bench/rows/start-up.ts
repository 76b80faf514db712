import type { Experiment } from '../experiment.js'
import type { Measured, Spread } from '../measured.js'
import type { RowId } from '../table.js'

const rounds = 11

interface Start {
  name: string
  ms: Omit<Spread, 'mean' | 'runs'>
  /** Ratio to a bare start of node right before it; null for the bare start. */
  ratio: Omit<Spread, 'mean' | 'runs'> | null
}

interface StartUp {
  measureStartUp: (options: { rounds: number; withPackages: boolean }) => Promise<Start[]>
}

/** Measures starts of the built command, each paired with a bare start of node. */
export const startUp: Experiment = {
  rows: ['version', 'first-request'],
  measure: async () => {
    const { measureStartUp } = (await import(new URL('../start-up.js', import.meta.url).href)) as StartUp
    const starts = await measureStartUp({ rounds, withPackages: false })
    return [
      toMeasured('version', starts, 'orch --version'),
      toMeasured('first-request', starts, 'orch run to its first request'),
    ]
  },
}

function toMeasured(id: RowId, starts: readonly Start[], name: string): Measured {
  const start = starts.find((each) => each.name === name)
  if (!start?.ratio) throw new Error(`start-up.js does not measure ${name}`)
  const { min, median, max } = start.ratio
  const bare = starts.find(({ ratio }) => ratio === null)?.ms.median ?? NaN
  const notes = [`median ${start.ms.median} ms, node alone ${bare} ms`]
  return { id, spread: { runs: rounds, min, median, mean: median, max }, notes }
}
