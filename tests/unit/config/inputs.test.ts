import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Template } from '../../../src/model/build/template.js'
import { fileOf, problemsOf } from './problems-of.js'

const known = 'one of branch, orchestration.id, job.attempt, needs.<job>.<head-sha or run-id or run-url or result>'
const unknown = (text: string): string => `unknown expression "${text}" | use ${known}`
const notClosed = 'this expression is not closed | end it with }}'

function partsOf(input: string): Template['parts'] | undefined {
  const result = parseGraphFile(fileOf(`  b: {}\n  a: { needs: b, inputs: { x: '${input}' } }`))
  return result.ok ? result.graph.jobs.find(({ id }) => id === 'a')?.inputs['x']?.parts : undefined
}

/** The problems of an input, whose text starts in column 21 of line 6. */
const problemsIn = (input: string): string[] => problemsOf(fileOf(`  a: { inputs: { x: ${input} } }`))

describe('the expressions of an input', () => {
  const branch = { kind: 'expression', expression: { name: 'branch' } }
  const text = (value: string): unknown => ({ kind: 'text', text: value })

  test.each([
    ['', []],
    ['plain', [text('plain')]],
    ['${{ branch }}', [branch]],
    ['${{branch}}${{ job.attempt }}', [branch, { kind: 'expression', expression: { name: 'job.attempt' } }]],
    ['p ${{ branch }} q ${{ branch }} r', [text('p '), branch, text(' q '), branch, text(' r')]],
    ['}} ${{ branch }} }}', [text('}} '), branch, text(' }}')]],
    ['${{ needs.b.run-id }}', [{ kind: 'expression', expression: { name: 'needs', job: 'b', field: 'run-id' } }]],
    ['${{ orchestration.id }}', [{ kind: 'expression', expression: { name: 'orchestration.id' } }]],
  ])('the input "%s" is split into text and expressions', (input, parts) => {
    expect(partsOf(input)).toEqual(parts)
  })

  test.each([
    'needs..result',
    'needs.b',
    'needs',
    'needs.b.c.d',
    'needs.b.result.x',
    'other.b.result',
    'nope',
    '.b.result',
  ])('the expression "%s" is unknown', (expression) => {
    expect(problemsIn(`'\${{ ${expression} }}'`)).toEqual([`6:22+${expression.length + 7} ${unknown(expression)}`])
  })

  test.each([
    ['run_id', 'did you mean run-id?'],
    ['xyzzy', 'a job has head-sha, run-id, run-url, result'],
    ['', 'a job has head-sha, run-id, run-url, result'],
  ])('the field "%s" of a job is refused with a hint', (field, hint) => {
    const input = `'\${{ needs.b.${field} }}'`
    expect(problemsIn(input)).toEqual([
      `6:22+${input.length - 2} "needs.b.${field}" does not name a field of a job | ${hint}`,
    ])
  })

  test('an expression that is not closed ends before the next one, and an empty one is refused', () => {
    expect(problemsIn("'a ${{ b ${{ branch }} ${{ c'")).toEqual([`6:24+6 ${notClosed}`, `6:44+5 ${notClosed}`])
    expect(problemsIn("'${{ b ${{ branch }}'")).toEqual([`6:22+6 ${notClosed}`])
    expect(problemsIn("'${{   }}'")).toEqual([`6:22+8 this expression is empty | use ${known}`])
  })
})

describe('the place of an expression', () => {
  test('an expression in a text with escapes is reported at its place, where the file contains it once', () => {
    expect(problemsIn('"a\\tb ${{ nope }} c"')).toEqual([`6:27+11 ${unknown('nope')}`])
  })

  test('an expression that the file contains twice, or not as it is written, is reported at the whole text', () => {
    expect(problemsIn('"${{ nope }}\\t${{ nope }}"')).toEqual([`6:21+26 ${unknown('nope')}`])
    expect(problemsIn('"${{ no\\x70e }}"')).toEqual([`6:21+16 ${unknown('nope')}`])
  })

  test('an expression in a text of several lines is reported in its line', () => {
    const jobs = '  a:\n    inputs:\n      x: >-\n        first\n        ${{ nope }}\n      y: |\n        ${{ no }}'
    expect(problemsOf(fileOf(jobs))).toEqual([`10:9+11 ${unknown('nope')}`, `12:9+9 ${unknown('no')}`])
  })

  test('each of several expressions is reported at its own place', () => {
    expect(problemsIn("'${{ nope }} ${{ nope }}'")).toEqual([
      `6:22+11 ${unknown('nope')}`,
      `6:34+11 ${unknown('nope')}`,
    ])
    expect(problemsOf(fileOf('  a:\n    inputs:\n      x: plain-${{ no }}'))).toEqual([`8:16+9 ${unknown('no')}`])
  })
})

describe('the limits of inputs', () => {
  const inputs = (count: number, prefix = 'i'): string =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}: x`).join(', ')

  test('a job may have 25 inputs, including those of the defaults', () => {
    expect(problemsIn(`y, ${inputs(24)}`)).toEqual([])
    expect(problemsIn(`y, ${inputs(25)}`)).toEqual([
      '6:8+6 job "a" has 26 inputs, including those of "defaults", but GitHub allows at most 25',
    ])
    expect(problemsOf(fileOf('  b: {}', `defaults: { inputs: { ${inputs(26)} } }`))).toEqual([
      '6:3+1 job "b" has 26 inputs, including those of "defaults", but GitHub allows at most 25',
    ])
  })

  test('the names and texts of the inputs of a job may have 65,535 characters together', () => {
    const tooLong = '6:8+6 the inputs of job "a" are longer than the 65,535 characters that GitHub allows'
    expect(problemsIn('y'.repeat(65_534))).toEqual([])
    expect(problemsIn('y'.repeat(65_535))).toEqual([tooLong])
    expect(problemsIn(`${'y'.repeat(30_000)}, z: ${'y'.repeat(35_533)}`)).toEqual([])
    expect(problemsIn(`${'y'.repeat(30_000)}, z: ${'y'.repeat(35_534)}`)).toEqual([tooLong])
  })

  test('an input that is too long by itself is reported once', () => {
    expect(problemsIn('y'.repeat(65_536))).toEqual([
      '6:18+1 the input "x" is longer than the 65,535 characters that GitHub allows',
    ])
  })
})
