import { isEqual, toText } from '../expression/expression-value.js'
import type { Value } from '../expression/expression-value.js'

/** One combination of a matrix, in the form of the `matrix` context. */
export type Combination = Record<string, Value>

/** GitHub's limit on the jobs of one matrix. */
export const maximumCombinations = 256

/**
 * Lists the combinations of a matrix: the product of its dimensions, without the matches of `exclude`, then `include`. Each entry of `include` extends
 * the combinations whose original values it does not overwrite; if there are none, it becomes a combination itself.
 */
export function combinations(dimensions: Record<string, Value[]>, include: Value[], exclude: Value[]): Combination[] {
  const excluded = exclude.filter(isCombination)
  const product = Object.entries(dimensions).reduce<Combination[]>(
    (sofar, [name, values]) =>
      sofar.flatMap((combination) => values.map((value) => ({ ...combination, [name]: value }))),
    [{}],
  )
  const originals = product.filter(
    (combination) =>
      Object.keys(combination).length > 0 && !excluded.some((partial) => matches(combination, partial, true)),
  )
  const result = originals.map((combination) => ({ ...combination }))
  for (const entry of include.filter(isCombination)) {
    const extended = originals.flatMap((original, index) => (matches(original, entry, false) ? [index] : []))
    if (extended.length === 0) result.push({ ...entry })
    for (const index of extended) result[index] = { ...result[index], ...entry }
  }
  return result
}

/** Returns the suffix ` (a, b)` that GitHub appends to the ID of a matrix job; empty without a matrix. */
export function combinationSuffix(combination: Combination): string {
  const values = Object.values(combination).flatMap(plainValues)
  return values.length === 0 ? '' : ` (${values.map(toText).join(', ')})`
}

const isCombination = (value: Value): value is Combination =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const plainValues = (value: Value): Value[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(plainValues) : [value]

function matches(combination: Combination, partial: Combination, all: boolean): boolean {
  return Object.entries(partial).every(([name, value]) => {
    const own = combination[name]
    return own === undefined ? !all : isEqual(own, value) || JSON.stringify(own) === JSON.stringify(value)
  })
}
