import type { ViewOptions } from '../style.js'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Distances between marks that are easy to read. */
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 7, 14, 28].map((count) => count * day),
]

/** Columns for a mark, its time and a space. */
const minDistance = 9

/** 90 s as `1m 30s`, without units that are zero. */
export function tickLabel(ms: number): string {
  const parts = [
    [Math.floor(ms / day), 'd'],
    [Math.floor(ms / hour) % 24, 'h'],
    [Math.floor(ms / minute) % 60, 'm'],
    [Math.floor(ms / second) % 60, 's'],
  ] as const
  const texts = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`)
  return texts.length === 0 ? '0s' : texts.join(' ')
}

/** The distance between marks, ms, so that each has `minDistance` of the `width` that shows `rangeMs`. */
export function axisStep(rangeMs: number, width: number, minDistance: number): number {
  return steps.find((ms) => (ms / rangeMs) * width >= minDistance) ?? rangeMs
}

/** Marks with times below bars of `width` columns for `rangeMs`; the last label may extend by `spare` columns. */
export function axisLine(rangeMs: number, width: number, spare: number, options: ViewOptions): string {
  const columnOf = (ms: number): number => Math.round((ms / rangeMs) * width)
  const step = axisStep(rangeMs, width, minDistance)
  const mark = options.unicode === false ? '|' : '│'
  let line = ''
  for (let ms = 0; columnOf(ms) <= width; ms += step) {
    const label = `${mark}${tickLabel(ms)}`
    const at = columnOf(ms)
    if (at < line.length || at + label.length > width + spare) break
    line = line.padEnd(at) + label
  }
  return line
}
