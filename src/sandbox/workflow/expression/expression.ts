import { callFunction, isStatusFunction } from './expression-functions.js'
import type { StatusFunctions } from './expression-functions.js'
import { parseExpression } from './expression-parser.js'
import type { CompareOperator, Expression } from './expression-parser.js'
import { elements, ExpressionError, isEqual, isLess, isTruthy, property, toText } from './expression-value.js'
import type { Value } from './expression-value.js'

/** The contexts and status functions that an expression can use. */
export interface Scope {
  /** By name: `github`, `env`, `inputs`, `needs`, `steps`, `job`, `runner`, `matrix`, `strategy`, `vars`, `secrets`. An absent context is not available. */
  contexts: { [name: string]: Value }
  /** Present only in `if:`. */
  status?: StatusFunctions
}

/** The result of an expression; `message` shows the expression and explains its error. */
export type Evaluated<T> = { ok: true; value: T } | { ok: false; message: string }

const opening = '${{'

/** Evaluates one expression without `${{ }}`. */
export const evaluateExpression = (source: string, scope: Scope): Evaluated<Value> =>
  attempt(() => evaluate(parseExpression(source), scope))

/** Replaces each `${{ }}` in a text by its value. */
export const interpolate = (text: string, scope: Scope): Evaluated<string> =>
  attempt(() =>
    segments(text)
      .map((part) => ('text' in part ? part.text : toText(evaluate(parseExpression(part.source), scope))))
      .join(''),
  )

/** Evaluates a text. A text that consists of one `${{ }}` keeps the type of its value; any other text is interpolated. */
export function evaluateText(text: string, scope: Scope): Evaluated<Value> {
  const source = onlyExpression(text)
  return source === undefined ? interpolate(text, scope) : evaluateExpression(source, scope)
}

/**
 * Evaluates an `if:`. Without a status function it means `success() && (...)`. As on GitHub, text around a `${{ }}` makes it a non-empty string,
 * which is true.
 */
export const evaluateCondition = (condition: string | undefined, scope: Scope): Evaluated<boolean> =>
  attempt(() => {
    const success = scope.status?.success ?? false
    if (condition === undefined || condition.trim() === '') return success
    const expressions = conditionExpressions(condition)
    const usesStatus = expressions.some(({ expression }) => usesStatusFunction(expression))
    if (!usesStatus && !success) return false
    const [only] = expressions
    if (only?.whole === true) return isTruthy(evaluate(only.expression, scope))
    for (const { expression } of expressions) evaluate(expression, scope)
    return true
  })

/** Checks the syntax of the expressions in a text without evaluating them; returns the error, or undefined. */
export function expressionProblem(text: string, kind: 'text' | 'condition'): string | undefined {
  const parsed = attempt(() => {
    if (kind === 'condition') conditionExpressions(text)
    else for (const part of segments(text)) if ('source' in part) parseExpression(part.source)
    return true
  })
  return parsed.ok ? undefined : parsed.message
}

function conditionExpressions(condition: string): { expression: Expression; whole: boolean }[] {
  if (condition.trim() === '') return []
  const source = condition.includes(opening) ? onlyExpression(condition) : condition
  if (source !== undefined) return [{ expression: parseExpression(source), whole: true }]
  return segments(condition).flatMap((part) =>
    'source' in part ? [{ expression: parseExpression(part.source), whole: false }] : [],
  )
}

/** Returns the expression of a text that consists of one `${{ }}`; undefined for any other text. */
function onlyExpression(text: string): string | undefined {
  const [first, ...others] = segments(text.trim())
  return first !== undefined && others.length === 0 && 'source' in first ? first.source : undefined
}

/** Splits a text at each `${{ }}`. A `}}` inside the quotes of an expression does not end it. */
function segments(text: string): ({ text: string } | { source: string })[] {
  const parts: ({ text: string } | { source: string })[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf(opening, at)
    if (start === -1) {
      if (at < text.length) parts.push({ text: text.slice(at) })
      return parts
    }
    if (start > at) parts.push({ text: text.slice(at, start) })
    const end = closing(text, start + opening.length)
    parts.push({ source: text.slice(start + opening.length, end) })
    at = end + 2
  }
}

function closing(text: string, from: number): number {
  let quoted = false
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "'") quoted = !quoted
    else if (!quoted && text.startsWith('}}', at)) return at
  }
  throw new ExpressionError(`The expression is not closed: '${text.slice(from - opening.length, from + 40)}'.`)
}

function usesStatusFunction(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
    case 'context':
      return false
    case 'not':
    case 'every':
      return usesStatusFunction(expression.of)
    case 'index':
      return usesStatusFunction(expression.of) || usesStatusFunction(expression.by)
    case 'all':
    case 'any':
      return expression.of.some(usesStatusFunction)
    case 'compare':
      return usesStatusFunction(expression.left) || usesStatusFunction(expression.right)
    case 'call':
      return isStatusFunction(expression.name) || expression.arguments.some(usesStatusFunction)
  }
}

function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'context':
      return contextOf(expression.name, scope)
    case 'index':
      return indexed(expression, scope)
    case 'every':
      return elements(evaluate(expression.of, scope))
    case 'not':
      return !isTruthy(evaluate(expression.of, scope))
    case 'all':
      return evaluateUntil(expression.of, scope, (value) => !isTruthy(value))
    case 'any':
      return evaluateUntil(expression.of, scope, isTruthy)
    case 'compare':
      return compare(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope))
    case 'call':
      return callFunction(
        expression.name,
        expression.arguments.map((argument) => evaluate(argument, scope)),
        scope.status,
      )
  }
}

function contextOf(name: string, scope: Scope): Value {
  const value = property(scope.contexts, name)
  if (value === undefined) throw new ExpressionError(`The context '${name}' is not available here.`)
  return value
}

function indexed(expression: Extract<Expression, { kind: 'index' }>, scope: Scope): Value {
  const of = evaluate(expression.of, scope)
  const by = evaluate(expression.by, scope)
  if (!isFilter(expression.of)) return property(of, by) ?? null
  return elements(of).flatMap((item) => {
    const found = property(item, by)
    return found === undefined ? [] : [found]
  })
}

const isFilter = (expression: Expression): boolean =>
  expression.kind === 'every' || (expression.kind === 'index' && isFilter(expression.of))

/** Evaluates `&&` and `||`, which return the operand that decides, or the last one. */
function evaluateUntil(operands: Expression[], scope: Scope, decides: (value: Value) => boolean): Value {
  let value: Value = null
  for (const operand of operands) {
    value = evaluate(operand, scope)
    if (decides(value)) break
  }
  return value
}

function compare(operator: CompareOperator, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case '<':
      return isLess(left, right)
    case '<=':
      return isLess(left, right) || isEqual(left, right)
    case '>':
      return isLess(right, left)
    case '>=':
      return isLess(right, left) || isEqual(left, right)
  }
}

function attempt<T>(compute: () => T): Evaluated<T> {
  try {
    return { ok: true, value: compute() }
  } catch (error) {
    if (error instanceof ExpressionError) return { ok: false, message: error.message }
    throw error
  }
}
