/** A value of GitHub's expression language. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value }

/** What an expression or workflow cannot be read or evaluated for. Never leaves `src/sandbox/workflow/`: callers get its message. */
export class ExpressionError extends Error {
  override name = 'ExpressionError'
}

const isObject = (value: Value): value is Value[] | { [name: string]: Value } =>
  typeof value === 'object' && value !== null

/** Whether `&&`, `||`, `!` and `if:` take the value as true: all but false, 0, NaN, the empty string and null. */
export const isTruthy = (value: Value): boolean =>
  typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : value !== null && value !== false && value !== ''

/** The value as text, as it appears inside a string with `${{ }}`. */
export function toText(value: Value): string {
  if (value === null) return ''
  if (Array.isArray(value)) return 'Array'
  return typeof value === 'object' ? 'Object' : String(value)
}

/** GitHub's number coercion: null and '' are 0, true is 1, text that is no number and objects are NaN. */
export function toNumber(value: Value): number {
  if (value === null) return 0
  if (isObject(value)) return NaN
  return typeof value === 'string' ? textToNumber(value) : Number(value)
}

function textToNumber(text: string): number {
  const trimmed = text.trim()
  return /^[+-]?(\d|\.\d|Infinity$)/.test(trimmed) || trimmed === '' ? Number(trimmed) : NaN
}

/** GitHub's loose `==`: text ignores case, different types are compared as numbers, objects only equal themselves. */
export function isEqual(left: Value, right: Value): boolean {
  if (isObject(left) || isObject(right)) return left === right
  if (typeof left === 'string' && typeof right === 'string') return left.toUpperCase() === right.toUpperCase()
  if (left === null && right === null) return true
  return toNumber(left) === toNumber(right)
}

/** Whether `left < right` by GitHub's rules; never true when a side is no number after coercion. */
export function isLess(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left.toUpperCase() < right.toUpperCase()
  return toNumber(left) < toNumber(right)
}

/** The property or element of a value, or undefined: names of objects are found whatever their case. */
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

/** The elements of an array or the values of an object, as `*` sees them. */
export function elements(value: Value): Value[] {
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value) : []
}
