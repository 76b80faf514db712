import { functionArity } from './expression-functions.js'
import { tokenize } from './expression-tokens.js'
import type { Token } from './expression-tokens.js'
import { ExpressionError } from './expression-value.js'
import type { Value } from './expression-value.js'

/** A parsed expression. */
export type Expression =
  | { kind: 'literal'; value: Value }
  | { kind: 'context'; name: string }
  | { kind: 'index'; of: Expression; by: Expression }
  | { kind: 'every'; of: Expression }
  | { kind: 'not'; of: Expression }
  | { kind: 'all' | 'any'; of: Expression[] }
  | { kind: 'compare'; operator: CompareOperator; left: Expression; right: Expression }
  | { kind: 'call'; name: string; arguments: Expression[] }

export type CompareOperator = '<' | '<=' | '>' | '>=' | '==' | '!='

/** GitHub's limit on nesting. It also prevents a malicious expression from exhausting the stack. */
const maximumDepth = 50

const contextNames = new Set(
  'github env inputs needs steps job runner matrix strategy vars secrets'.split(' ').map((name) => name.toUpperCase()),
)

const keywords: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
])

/**
 * Parses one expression (without `${{ }}`) by GitHub's grammar; throws an ExpressionError for a mistake, an unknown function or an unknown
 * context. https://docs.github.com/actions/reference/workflows-and-actions/expressions
 */
export function parseExpression(source: string): Expression {
  const parser = new Parser(source)
  return parser.parse()
}

class Parser {
  readonly #source: string
  readonly #tokens: Token[]
  #next = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
    this.#tokens = tokenize(source)
  }

  parse(): Expression {
    if (this.#tokens.length === 0) throw new ExpressionError('An expression was expected, but there is none.')
    const expression = this.#any()
    if (this.#tokens[this.#next] !== undefined) this.#fail()
    return expression
  }

  #any(): Expression {
    return this.#deeper(() => this.#chain('||', 'any', () => this.#chain('&&', 'all', () => this.#equality())))
  }

  #chain(operator: string, kind: 'all' | 'any', operand: () => Expression): Expression {
    const first = operand()
    const of = [first]
    while (this.#accept(operator)) of.push(operand())
    return of.length === 1 ? first : { kind, of }
  }

  #equality(): Expression {
    return this.#compare(['==', '!='], () => this.#compare(['<=', '>=', '<', '>'], () => this.#unary()))
  }

  #compare(operators: CompareOperator[], operand: () => Expression): Expression {
    let left = operand()
    for (let length = 0; ; length += 1) {
      const operator = operators.find((candidate) => this.#accept(candidate))
      if (operator === undefined) return left
      this.#limit(length)
      left = { kind: 'compare', operator, left, right: operand() }
    }
  }

  #unary(): Expression {
    if (this.#accept('!')) return this.#deeper(() => ({ kind: 'not', of: this.#unary() }))
    return this.#access()
  }

  #access(): Expression {
    let of = this.#primary()
    for (let length = 0; ; length += 1) {
      this.#limit(length)
      if (this.#accept('.')) {
        of = this.#accept('*') ? { kind: 'every', of } : { kind: 'index', of, by: this.#propertyName() }
      } else if (this.#accept('[')) {
        of = this.#accept('*') ? { kind: 'every', of } : { kind: 'index', of, by: this.#any() }
        this.#expect(']')
      } else return of
    }
  }

  #propertyName(): Expression {
    const token = this.#take()
    if (token?.kind !== 'name') return this.#fail(this.#next - 1)
    return { kind: 'literal', value: token.text }
  }

  #primary(): Expression {
    const token = this.#take()
    switch (token?.kind) {
      case 'string':
        return { kind: 'literal', value: token.text }
      case 'number':
        return { kind: 'literal', value: token.number }
      case 'name':
        return this.#named(token.text)
      case 'sign':
        if (token.text === '(') {
          const inner = this.#any()
          this.#expect(')')
          return inner
        }
        return this.#fail(this.#next - 1)
      case undefined:
        return this.#fail(this.#next)
    }
  }

  #named(name: string): Expression {
    const keyword = keywords.get(name)
    if (keyword !== undefined) return { kind: 'literal', value: keyword }
    if (this.#accept('(')) return this.#call(name)
    if (contextNames.has(name.toUpperCase())) return { kind: 'context', name }
    throw new ExpressionError(`Unrecognized named-value: '${name}', in '${this.#source}'.`)
  }

  #call(name: string): Expression {
    const list: Expression[] = []
    if (!this.#accept(')')) {
      do list.push(this.#any())
      while (this.#accept(','))
      this.#expect(')')
    }
    const arity = functionArity(name)
    if (arity === undefined) throw new ExpressionError(`Unrecognized function: '${name}', in '${this.#source}'.`)
    if (list.length < arity[0])
      throw new ExpressionError(`Too few parameters supplied: '${name}' in '${this.#source}'.`)
    if (list.length > arity[1]) {
      throw new ExpressionError(`Too many parameters supplied: '${name}' in '${this.#source}'.`)
    }
    return { kind: 'call', name, arguments: list }
  }

  #deeper<T>(parse: () => T): T {
    this.#depth += 1
    this.#limit(this.#depth)
    const result = parse()
    this.#depth -= 1
    return result
  }

  #limit(depth: number): void {
    if (depth > maximumDepth) throw new ExpressionError(`The expression nests deeper than ${maximumDepth} levels.`)
  }

  #take(): Token | undefined {
    const token = this.#tokens[this.#next]
    this.#next += 1
    return token
  }

  #accept(text: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'sign' || token.text !== text) return false
    this.#next += 1
    return true
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail(this.#next, ` Expected '${text}'.`)
  }

  #fail(index = this.#next, more = ''): never {
    const token = this.#tokens[index]
    if (token === undefined) throw new ExpressionError(`Unexpected end of expression: '${this.#source}'.${more}`)
    const rest = this.#source.slice(token.at, token.at + 20)
    throw new ExpressionError(`Unexpected symbol: '${rest}', at position ${token.at + 1} of '${this.#source}'.${more}`)
  }
}
