/** A value of GitHub's expression language. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value }

/** An error in an expression or workflow. It never leaves `src/sandbox/workflow/`: callers receive its message. */
export class ExpressionError extends Error {
  override name = 'ExpressionError'
}

const isObject = (value: Value): value is Value[] | { [name: string]: Value } =>
  typeof value === 'object' && value !== null

/** Returns whether `&&`, `||`, `!` and `if:` treat the value as true: all but false, 0, NaN, the empty string and null. */
export const isTruthy = (value: Value): boolean =>
  typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : value !== null && value !== false && value !== ''

/** Converts a value to the text that `${{ }}` inserts into a string. */
export function toText(value: Value): string {
  if (value === null) return ''
  if (Array.isArray(value)) return 'Array'
  return typeof value === 'object' ? 'Object' : String(value)
}

/** Converts a value to a number by GitHub's rules: null and '' are 0, true is 1, non-numeric text and objects are NaN. */
export function toNumber(value: Value): number {
  if (value === null) return 0
  if (isObject(value)) return NaN
  return typeof value === 'string' ? textToNumber(value) : Number(value)
}

function textToNumber(text: string): number {
  const trimmed = text.trim()
  return /^[+-]?(\d|\.\d|Infinity$)/.test(trimmed) || trimmed === '' ? Number(trimmed) : NaN
}

/** Implements GitHub's loose `==`: text ignores case, different types are compared as numbers, an object equals only itself. */
export function isEqual(left: Value, right: Value): boolean {
  if (isObject(left) || isObject(right)) return left === right
  if (typeof left === 'string' && typeof right === 'string') return left.toUpperCase() === right.toUpperCase()
  if (left === null && right === null) return true
  return toNumber(left) === toNumber(right)
}

/** Returns whether `left < right` by GitHub's rules; false if either side is NaN after coercion. */
export function isLess(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left.toUpperCase() < right.toUpperCase()
  return toNumber(left) < toNumber(right)
}

/** Returns a property or element of a value, or undefined. The case of property names is ignored. */
export function property(value: Value, key: Value): Value | undefined {
  if (Array.isArray(value)) {
    const index = toNumber(key)
    return Number.isInteger(index) ? value[index] : undefined
  }
  if (!isObject(value)) return undefined
  const name = toText(key)
  if (Object.hasOwn(value, name)) return value[name]
  const found = Object.keys(value).find((candidate) => candidate.toUpperCase() === name.toUpperCase())
  return found === undefined ? undefined : value[found]
}

/** Returns the elements of an array or the values of an object, which `*` selects. */
export function elements(value: Value): Value[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}
