import { ExpressionError } from './expression-value.js'

/** A token of an expression. `at` is the offset in the expression, in characters. */
export type Token = { at: number } & (
  | { kind: 'string'; text: string }
  | { kind: 'number'; number: number }
  | { kind: 'name'; text: string }
  | { kind: 'sign'; text: string }
)

/** GitHub's limit on the length of an expression. */
const maximumLength = 21_000

const space = /\s+/y
const string = /'((?:[^']|'')*)'/y
const number = /[+-]?(?:0x[\da-f]+|0o[0-7]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|Infinity)(?![\w.])/iy
const name = /[A-Za-z_][\w-]*/y
const sign = /&&|\|\||==|!=|<=|>=|[!<>()[\],.*]/y

/** Splits an expression into tokens; throws an ExpressionError that names any text outside the language. */
export function tokenize(source: string): Token[] {
  if (source.length > maximumLength) {
    throw new ExpressionError(`An expression may have ${maximumLength} characters; this one has ${source.length}.`)
  }
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  while (at < source.length) {
    const blank = match(space)
    if (blank !== null) {
      at += blank[0].length
      continue
    }
    const [token, length] = nextToken(match, at, tokens.at(-1)) ?? unexpected(source, at)
    tokens.push(token)
    at += length
  }
  return tokens
}

type Match = (pattern: RegExp) => RegExpExecArray | null

function nextToken(match: Match, at: number, previous: Token | undefined): [Token, number] | undefined {
  const text = match(string)
  if (text !== null) return [{ at, kind: 'string', text: (text[1] ?? '').replaceAll("''", "'") }, text[0].length]
  // After a value, `.5` is a property access, and the language has no operators `+` and `-`.
  const digits = endsValue(previous) ? null : match(number)
  if (digits !== null) return [{ at, kind: 'number', number: Number(digits[0]) }, digits[0].length]
  const word = match(name)
  if (word !== null) return [{ at, kind: 'name', text: word[0] }, word[0].length]
  const mark = match(sign)
  return mark === null ? undefined : [{ at, kind: 'sign', text: mark[0] }, mark[0].length]
}

function endsValue(token: Token | undefined): boolean {
  if (token === undefined) return false
  return token.kind === 'sign' ? [')', ']', '*', '.'].includes(token.text) : true
}

function unexpected(source: string, at: number): never {
  const rest = source.slice(at, at + 20)
  const hint = rest.startsWith('"') ? ' Write strings in single quotes.' : ''
  throw new ExpressionError(`Unexpected symbol: '${rest}', at position ${at + 1} of '${source}'.${hint}`)
}
