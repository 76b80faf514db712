import type { Experiment } from '../experiment.js'
import { measured } from '../measured.js'

/** The other shapes, such as wide and deep, take minutes: `node bench/engine-scale.js`. */
const shapes = ['random']
/** The smallest size still exceeds the fixed cost of a process; the largest has a hundred times as many jobs. */
const sizes = [100, 10_000] as const

interface Scale {
  shape: string
  jobs: number
  events: number
  /** CPU time. */
  microsPerEvent: number
  /** Maximum heap after a collection, MB. */
  peakHeapMb: number
}

interface EngineScale {
  measureEngine: (shapes: readonly string[], sizes: readonly number[]) => Scale[]
}

/** Measures whole orchestrations against an in-memory GitHub, one process for each shape and size. */
export const engine: Experiment = {
  rows: ['engine-time', 'engine-memory'],
  measure: async () => {
    const { measureEngine } = (await import(new URL('../engine-scale.js', import.meta.url).href)) as EngineScale
    const all = measureEngine(shapes, sizes)
    const of = (shape: string, jobs: number): Scale => {
      const found = all.find((each) => each.shape === shape && each.jobs === jobs)
      if (!found) throw new Error(`engine-scale.js does not measure ${shape} with ${jobs} jobs`)
      return found
    }
    const [few, many] = sizes
    const growth = (value: (scale: Scale) => number): number[] =>
      shapes.map((shape) => value(of(shape, many)) / value(of(shape, few)))
    const note = (shape: string, value: (scale: Scale) => string): string =>
      `${shape}: ${value(of(shape, few))} with ${few} jobs, ${value(of(shape, many))} with ${many}`
    return [
      measured(
        'engine-time',
        growth(({ microsPerEvent }) => microsPerEvent),
        shapes.map((shape) => note(shape, time)),
      ),
      measured(
        'engine-memory',
        shapes.map((shape) => of(shape, many).peakHeapMb / (many / 1000)),
        shapes.map((shape) => note(shape, memory)),
      ),
    ]
  },
}

const time = ({ microsPerEvent }: Scale): string => `${microsPerEvent.toFixed(1)} µs for an event`
const memory = ({ peakHeapMb }: Scale): string => `${peakHeapMb.toFixed(0)} MB`
