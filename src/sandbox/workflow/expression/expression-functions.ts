import { ExpressionError, isEqual, toText } from './expression-value.js'
import type { Value } from './expression-value.js'

/** The results of the status functions at this point of a run. */
export interface StatusFunctions {
  success: boolean
  failure: boolean
  cancelled: boolean
}

/** Minimum and maximum number of arguments, by the function name in upper case. */
const arities: ReadonlyMap<string, [number, number]> = new Map<string, [number, number]>([
  ['CONTAINS', [2, 2]],
  ['STARTSWITH', [2, 2]],
  ['ENDSWITH', [2, 2]],
  ['FORMAT', [1, 255]],
  ['JOIN', [1, 2]],
  ['TOJSON', [1, 1]],
  ['FROMJSON', [1, 1]],
  ['HASHFILES', [1, 255]],
  ['SUCCESS', [0, 255]],
  ['FAILURE', [0, 255]],
  ['ALWAYS', [0, 0]],
  ['CANCELLED', [0, 0]],
])

/** Returns the minimum and maximum number of arguments of a function; undefined for an unknown one. The case of the name is ignored. */
export const functionArity = (name: string): [number, number] | undefined => arities.get(name.toUpperCase())

/** Returns whether a function reads the state of the run. An `if:` without such a function means `success() && (...)`. */
export const isStatusFunction = (name: string): boolean =>
  ['SUCCESS', 'FAILURE', 'ALWAYS', 'CANCELLED'].includes(name.toUpperCase())

/** Calls a function of GitHub's expression language; throws an ExpressionError for invalid arguments. */
export function callFunction(name: string, values: Value[], status: StatusFunctions | undefined): Value {
  const [first = null, second = null] = values
  switch (name.toUpperCase()) {
    case 'CONTAINS':
      return Array.isArray(first) ? first.some((item) => isEqual(item, second)) : upper(first).includes(upper(second))
    case 'STARTSWITH':
      return upper(first).startsWith(upper(second))
    case 'ENDSWITH':
      return upper(first).endsWith(upper(second))
    case 'FORMAT':
      return format(toText(first), values.slice(1))
    case 'JOIN':
      return Array.isArray(first) ? first.map(toText).join(values.length > 1 ? toText(second) : ',') : toText(first)
    case 'TOJSON':
      return JSON.stringify(first, null, 2)
    case 'FROMJSON':
      return fromJson(toText(first))
    default:
      return statusFunction(name, status)
  }
}

const upper = (value: Value): string => toText(value).toUpperCase()

function statusFunction(name: string, status: StatusFunctions | undefined): boolean {
  if (name.toUpperCase() === 'HASHFILES') {
    throw new ExpressionError('The sandbox does not support hashFiles(): it has no caches.')
  }
  if (status === undefined) throw new ExpressionError(`Function ${name}() is only available in 'if' conditions.`)
  switch (name.toUpperCase()) {
    case 'ALWAYS':
      return true
    case 'CANCELLED':
      return status.cancelled
    case 'FAILURE':
      return status.failure
    default:
      return status.success
  }
}

function format(pattern: string, values: Value[]): string {
  return pattern.replace(/\{\{|\}\}|\{(\d+)\}|[{}]/g, (mark, index: string | undefined) => {
    if (mark === '{{' || mark === '}}') return mark.charAt(0)
    const value = index === undefined ? undefined : values[Number(index)]
    if (value === undefined) throw new ExpressionError(`The format string is not valid or lacks a value: '${pattern}'.`)
    return toText(value)
  })
}

function fromJson(text: string): Value {
  try {
    return JSON.parse(text) as Value
  } catch (error) {
    throw new ExpressionError(`fromJSON(): ${error instanceof Error ? error.message : String(error)}`)
  }
}
