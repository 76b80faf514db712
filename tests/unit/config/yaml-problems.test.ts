import { describe, expect, test } from 'vitest'
import { fileOf, problemsOf } from './problems-of.js'

const beforeIt = 'check for a missing or extra colon, bracket or indentation before it'
const special = 'quote a text with special characters'
const sameColumn = 'check for an open bracket before it; lines of one level start in the same column'
const noTags = 'tags are not supported; quote a text that starts with an exclamation mark'

describe('text that is not YAML', () => {
  test.each([
    ['a: *\n', '1:4+1', 'Alias cannot be an empty string', 'quote a text that starts with an asterisk'],
    [
      'a: @x\n',
      '1:4+1',
      'Plain value cannot start with reserved character @',
      'quote a text that starts with this character',
    ],
    ['owner\nbranches: x\n', '1:1+5', 'Implicit keys need to be on a single line', beforeIt],
    ['a: b: c\n', '1:4+1', 'Nested mappings are not allowed in compact mappings', beforeIt],
    ['a: { b: 1 c: 2 }\n', '1:9+7', 'Block collections are not allowed within flow collections', beforeIt],
    ["a: 'b' c\n", '1:8+1', 'Unexpected scalar at node end', special],
    ['a:\n    b: 1\n  c: 2\n', '3:1+1', 'All mapping items must start at the same column', sameColumn],
    ['a: !<foo> y\n', '1:4+6', 'Unresolved tag: foo', `${noTags}: '!<foo>'`],
    [`a: !${'x'.repeat(60)} y\n`, '1:4+61', `Unresolved tag: !${'x'.repeat(60)}`, `${noTags}: '!${'x'.repeat(59)}'`],
    [
      `${'x'.repeat(1025)}: 1\n`,
      '1:1+1000',
      'The : indicator must be at most 1024 chars after the start of an implicit block mapping key',
      'a key on one line is at most 1,024 characters long',
    ],
  ])('%j is refused with a hint', (text, place, message, hint) => {
    expect(problemsOf(text)).toEqual([`${place} not valid YAML: ${message} | ${hint}`])
  })

  test.each([
    ['a: &x &y 1\n', '1:7+2', 'A node can have at most one anchor'],
    ["a: 'x\n", '2:1+1', "Missing closing 'quote"],
    ['%YAML 3.0\n---\nversion: 1\n', '1:7+3', 'Unsupported YAML version 3.0'],
  ])('%j is refused without a hint', (text, place, message) => {
    expect(problemsOf(text)).toEqual([`${place} not valid YAML: ${message}`])
  })

  test('the first ten problems are reported, one for each line, in the order of the file', () => {
    const lines = Array.from({ length: 12 }, (_, index) => `k${index}: [@x, @y]\n`).join('')
    expect(problemsOf(lines).map((problem) => problem.replace(/ not valid .*$/u, ''))).toEqual(
      Array.from({ length: 10 }, (_, index) => `${index + 1}:6+1`),
    )
  })

  test('a problem in the last line is reported once, where the file has no line feed at its end', () => {
    expect(problemsOf('a: [@x, @y]')).toEqual([
      '1:5+1 not valid YAML: Plain value cannot start with reserved character @ | quote a text that starts with this character',
    ])
  })
})

describe('YAML that a graph file must not contain', () => {
  test.each([
    ['a: 1\n---\nb: 2\n', '2:1+3'],
    ["a: '---'\n---\n", '2:1+3'],
    ['---\na: 1\n---\n', '3:1+3'],
    ['a: 1\n...\nb: 1\n', '3:1+3'],
    ['a: 1\n... # ---\n\nb: 1\n', '4:1+3'],
  ])('%j is refused at its second document', (text, place) => {
    expect(problemsOf(text)).toEqual([
      `${place} the file contains several documents | keep one, without "---" or "..." after it`,
    ])
  })

  test.each([
    ['? [a]\n: b\n', '1:3+3'],
    ['? { a: b }\n: c\n', '1:3+8'],
    ['x: &k y\n*k : b\n', '2:1+2'],
  ])('the key of %j is refused', (text, place) => {
    expect(problemsOf(text)).toContain(
      `${place} this key is not plain text | quote a pattern or text that starts with [, { or *`,
    )
  })

  test('a key that is not plain text does not hide the problems of the other keys', () => {
    expect(problemsOf(fileOf('  ? [a]\n  : b\n  c: { needs: d }'))).toEqual([
      '6:5+3 this key is not plain text | quote a pattern or text that starts with [, { or *',
      '8:15+1 unknown job "d" | did you mean c?',
    ])
  })

  test('an alias inside the value of its own anchor, and an unknown alias, are refused, and nothing else is reported', () => {
    expect(problemsOf('a: &x [*x]\nb: *y\n')).toEqual([
      '1:8+2 the alias *x is inside the value of its own anchor | write the value out',
      '2:4+2 unknown alias *y | quote a text that starts with an asterisk; define an anchor (&name) before its alias',
    ])
  })
})

describe('aliases', () => {
  const list = (length: number): string => `[${Array.from({ length }, () => 'x').join(', ')}]`
  const aliases = (count: number): string => `[${Array.from({ length: count }, () => '*a').join(', ')}]`
  const tooMany = 'the aliases so far expand to more than 100,000 values | write the values out'

  test('aliases that expand to 100,000 values are read, and the alias after them is refused', () => {
    expect(problemsOf(`a: &a ${list(999)}\nb: ${aliases(100)}\n`)[0]).toContain('unknown key "a" in the file')
    expect(problemsOf(`a: &a ${list(999)}\nb: ${aliases(101)}\n`)).toEqual([`2:405+2 ${tooMany}`])
    expect(problemsOf(`a: &a ${list(999)}\nb: ${aliases(102)}\n`)).toEqual([`2:405+2 ${tooMany}`])
  })

  test('the keys and values of a map count as values of its alias', () => {
    const map = `{ ${Array.from({ length: 999 }, (_, index) => `k${index}: x`).join(', ')} }`
    expect(problemsOf(`a: &a ${map}\nb: ${aliases(101)}\n`)).toEqual([`2:405+2 ${tooMany}`])
    expect(problemsOf(`a: &a ${map}\nb: ${aliases(100)}\n`)[0]).toContain('unknown key "a" in the file')
  })

  test('the keys without a value of a map count as one value each', () => {
    const map = `{ ${Array.from({ length: 999 }, (_, index) => `k${index}`).join(', ')} }`
    expect(problemsOf(`a: &a ${map}\nb: ${aliases(101)}\n`)).toEqual([`2:405+2 ${tooMany}`])
    expect(problemsOf(`a: &a ${map}\nb: ${aliases(100)}\n`)[0]).toContain('unknown key "a" in the file')
  })
})
