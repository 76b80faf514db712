import { describe, expect, test } from 'vitest'
import { fileOf, problemsOf } from './problems-of.js'

const notUtf8 = (code: string): string =>
  `the file is not valid UTF-8 text: it contains the character ${code} | save it as UTF-8 with line feeds`
const tooDeep = (levels: number): string => `the file is nested too deeply | at most ${levels} levels are allowed`

describe('the size of a graph file', () => {
  const padded = (bytes: number): string => fileOf('  a: {}\n#').padEnd(bytes, ' ')

  test('a graph file of 1,000,000 bytes is read', () => {
    expect(problemsOf(padded(1_000_000))).toEqual([])
  })

  test.each([
    ['of 1,000,001 bytes', padded(1_000_001)],
    ['of 999,999 characters and 1,000,001 bytes', `${padded(999_997)}éé`],
  ])('a graph file %s is refused at its start', (_, text) => {
    expect(problemsOf(text)).toEqual([
      '1:1+1 the file is too large: 1.0 MB, the limit is 1 MB | check that it is the right file',
    ])
  })
})

describe('the characters of a graph file', () => {
  test.each([
    ['a carriage return without a line feed', 'a: b\rc\n', '1:5', 'U+000D'],
    ['a bell', 'a\u0007', '1:2', 'U+0007'],
    ['U+FFFF', 'ab: \uffff', '1:5', 'U+FFFF'],
    ['a delete character', '\u007f', '1:1', 'U+007F'],
  ])('a graph file with %s is refused at the character', (_, text, place, code) => {
    expect(problemsOf(text)).toEqual([`${place}+1 ${notUtf8(code)}`])
  })

  test.each([
    ['a tab', 'fail-fast:\ttrue'],
    ['a next-line character', 'status-context: build # \u0085'],
    ['CRLF', 'status-context: build\r'],
  ])('a graph file may contain %s', (_, setting) => {
    expect(problemsOf(fileOf('  a: {}', setting))).toEqual([])
  })
})

describe('the nesting of a graph file', () => {
  test('100 open brackets, or 100 dashes on a line, are read', () => {
    expect(problemsOf(fileOf(`  a: { repo: ${'['.repeat(99)}x${']'.repeat(99)} }`))).toEqual([
      '6:14+199 "repo" must be a text, not a list',
    ])
    expect(problemsOf(`${'- '.repeat(100)}x\n`)).toEqual([
      '1:1+201 the file must be a map, not a list | write "key: value" lines below it',
    ])
  })

  test.each([
    ['101 square brackets', `a: ${'['.repeat(101)}\n`, '1:104'],
    ['101 braces', `a: ${'{'.repeat(101)}\n`, '1:104'],
    ['101 dashes', `${'- '.repeat(101)}x\n`, '1:201'],
    ['101 question marks', `${'? '.repeat(101)}x\n`, '1:201'],
    ['101 colons', `${': '.repeat(101)}x\n`, '1:201'],
  ])('a graph file with %s on one line is refused at the last of them', (_, text, place) => {
    expect(problemsOf(text)).toEqual([`${place}+1 ${tooDeep(100)}`])
  })

  test('a graph file of 201 indented levels is refused at the deepest, and one of 200 is not', () => {
    const indented = (levels: number): string =>
      Array.from({ length: levels }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')
    expect(problemsOf(indented(201))).toEqual([`201:203+1 ${tooDeep(200)}`])
    expect(problemsOf(indented(200))).not.toContainEqual(expect.stringContaining('nested'))
  })

  test('a graph file of 201 lists, each on a line of its own, is refused at the deepest', () => {
    const lists = (levels: number): string =>
      Array.from({ length: levels }, (_, depth) => `${' '.repeat(depth)}-\n`).join('')
    expect(problemsOf(lists(201))).toEqual([`201:202+1 ${tooDeep(200)}`])
    expect(problemsOf(lists(200))).not.toContainEqual(expect.stringContaining('nested'))
  })

  test('dashes on lines of their own, and colons within brackets, do not count as levels', () => {
    expect(problemsOf('- a\n'.repeat(150))).toEqual([
      '1:1+3 the file must be a map, not a list | write "key: value" lines below it',
    ])
    expect(problemsOf(fileOf(`  a: { repo: [${'b: c, '.repeat(150)}] }`))).toEqual([
      '6:14+902 "repo" must be a text, not a list',
    ])
  })

  test('brackets that are closed do not count as levels', () => {
    expect(problemsOf(fileOf(`  a: { repo: [${'[], {}, x, '.repeat(125)}] }`))).toEqual([
      '6:14+1000 "repo" must be a text, not a list',
    ])
  })

  test('brackets and commas within a text do not count', () => {
    expect(
      problemsOf(fileOf(`  a: { inputs: { x: '[[,,${'['.repeat(150)}' } }\n  b: # [,,]\n    repo: a,,]b`)),
    ).toEqual([
      '8:11+5 the repository in "a,,]b" is not a valid GitHub name: only letters, digits, dots, hyphens and underscores are allowed',
    ])
  })
})

describe('brackets and commas', () => {
  test.each([
    ['a: [b,,c]\n', '1:7'],
    ['a: [b, ,c]\n', '1:8'],
    ['a: [b, # c\n  ,d]\n', '2:3'],
    ['a: {b,,c}\n', '1:7'],
  ])('%j is refused at the second comma', (text, place) => {
    expect(problemsOf(text)).toEqual([`${place}+1 there is nothing between these commas | remove one of them`])
  })

  test.each([
    ['a: [b]]\n', '1:7'],
    ['a: }\n', '1:4'],
    ['a: [\n- b\n]\n', '3:1'],
    ['a: "["\nb: ]\n', '2:4'],
  ])('%j is refused at the bracket that was not opened', (text, place) => {
    expect(problemsOf(text)).toEqual([`${place}+1 this bracket was not opened | remove it`])
  })
})

describe('directives', () => {
  test('ten directives are read, and the eleventh is refused', () => {
    const [first, ...others] = problemsOf(`${'%A\n'.repeat(10)}---\nversion: 1\n`)
    expect(first).toBe('1:1+2 not valid YAML: Unknown directive %A')
    expect(others).toHaveLength(9)
    expect(problemsOf('%A\n'.repeat(11))).toEqual([
      '11:1+1 the file contains more than ten directives | quote a text that starts with %',
    ])
  })
})
