import { describe, expect, test } from 'vitest'
import {
  evaluateCondition,
  evaluateExpression,
  evaluateText,
  interpolate,
} from '../../../src/sandbox/workflow/expression/expression.js'
import type { Value } from '../../../src/sandbox/workflow/expression/expression-value.js'

const contexts: Record<string, Value> = {
  github: { ref_name: 'DPTA-1', event: { inputs: { who: 'Ada' } }, run_id: '7' },
  env: { GREETING: 'hello' },
  steps: { build: { outputs: { size: '3' }, outcome: 'failure', conclusion: 'success' } },
  needs: { lint: { result: 'success', outputs: {} } },
  matrix: { fruits: [{ name: 'apple', seeds: 5 }, { name: 'pear' }], 'node-version': 20 },
  inputs: { flag: true, none: null },
  vars: {},
}
const scope = { contexts }
const good = { success: true, failure: false, cancelled: false }

describe('evaluateExpression', () => {
  test.each<[string, Value]>([
    ['null', null],
    ['true', true],
    ["'it''s'", "it's"],
    ['-9.2', -9.2],
    ['0xff', 255],
    ['-2.99e-2', -0.0299],
    ['github.ref_name', 'DPTA-1'],
    ["GitHub['REF_NAME']", 'DPTA-1'],
    ['github.event.inputs.who', 'Ada'],
    ['matrix.node-version', 20],
    ['matrix.fruits[1].name', 'pear'],
    ['matrix.fruits[7].name', null],
    ['github.missing.deeper', null],
    ["join(matrix.fruits.*.name, '-')", 'apple-pear'],
    ['toJSON(matrix.fruits.*.seeds)', '[\n  5\n]'],
    ['!true', false],
    ["!''", true],
    ['1 < 2', true],
    ['2 <= 2 && 3 >= 4', false],
    ["'abc' < 'ABD'", true],
    ["'a' == 'A'", true],
    ["'1' == 1", true],
    ["'' == 0", true],
    ['null == 0', true],
    ['true == 1', true],
    ["'x' == 0", false],
    ["'x' != 0", true],
    ['null == null', true],
    ['matrix.fruits == matrix.fruits', true],
    ['matrix.fruits[0] == matrix.fruits[1]', false],
    ["fromJSON('{}') == 0", false],
    ["'x' && 'y'", 'y'],
    ["'' || 'default'", 'default'],
    ["inputs.flag && 'on' || 'off'", 'on'],
    ['true || false && false', true],
    ['(true || false) && false', false],
    ['1 == 1 == true', true],
    ["contains('Hello World', 'WORLD')", true],
    ['contains(fromJSON(\'["push", "pull"]\'), \'PUSH\')', true],
    ["contains(fromJSON('[\"push\"]'), 'pus')", false],
    ["startsWith('refs/heads/x', 'REFS/')", true],
    ["endsWith('a.yml', '.YML')", true],
    ["format('{{{0} {1}}}', 'a', 2)", '{a 2}'],
    ["join(fromJSON('[1, 2]'))", '1,2'],
    ['fromJSON(\'{"a": [1]}\').a[0]', 1],
    ["toJSON('a')", '"a"'],
    ['needs.lint.result', 'success'],
    ['steps.build.outcome', 'failure'],
  ])('evaluateExpression gives the same value as GitHub for %s', (source, value) => {
    expect(evaluateExpression(source, scope)).toEqual({ ok: true, value })
  })

  test.each(
    [
      ['', 'An expression was expected'],
      ['foo.bar', "Unrecognized named-value: 'foo'"],
      ['foo()', "Unrecognized function: 'foo'"],
      ['"double"', 'single quotes'],
      ["'open", 'Unexpected symbol'],
      ['1 +', 'Unexpected symbol'],
      ['1 2', 'Unexpected symbol'],
      ['(1', "Expected ')'"],
      ['github.', 'Unexpected end'],
      ['contains(1)', 'Too few parameters'],
      ['contains(1, 2, 3)', 'Too many parameters'],
      ["hashFiles('x')", 'does not support hashFiles'],
      ['success()', "only available in 'if'"],
      ["format('{3}', 1)", 'format string'],
      ["fromJSON('{')", 'fromJSON'],
      ['secrets.TOKEN', "'secrets' is not available here"],
      ['('.repeat(5_000) + '1' + ')'.repeat(5_000), 'deeper than 50'],
      ['1 == '.repeat(4_000) + '1', 'deeper than 50'],
      ['!'.repeat(9_000) + '1', 'deeper than 50'],
      ['1'.repeat(30_000), '21000'],
    ].map(([source = '', reason = '']) => ({ source, reason, shown: source.slice(0, 30) })),
  )('evaluateExpression refuses $shown with a reason', ({ source, reason }) => {
    const result = evaluateExpression(source, scope)
    expect(result).toEqual({ ok: false, message: expect.stringContaining(reason) as string })
  })

  test('evaluateExpression does not find inherited properties of an object', () => {
    expect(evaluateExpression("toJSON(github['constructor'])", scope)).toEqual({ ok: true, value: 'null' })
  })
})

describe('text with expressions', () => {
  test('interpolate replaces each expression of a text, also one whose string contains two braces', () => {
    const text = "a ${{ github.ref_name }} ${{ '}}' }} ${{ inputs.none }}."
    expect(interpolate(text, scope)).toEqual({ ok: true, value: 'a DPTA-1 }} .' })
  })

  test('evaluateText keeps the type of a text that is one expression', () => {
    expect(evaluateText('${{ matrix.node-version }}', scope)).toEqual({ ok: true, value: 20 })
  })

  test('interpolate refuses an expression that is not closed', () => {
    expect(interpolate('a ${{ github.ref', scope)).toMatchObject({ ok: false })
  })
})

describe('evaluateCondition', () => {
  const failed = { success: false, failure: true, cancelled: false }
  const cancelled = { success: false, failure: false, cancelled: true }

  test.each<[string | undefined, typeof good, boolean]>([
    [undefined, good, true],
    [undefined, failed, false],
    ['', failed, false],
    ["github.ref_name == 'DPTA-1'", good, true],
    ["github.ref_name == 'DPTA-1'", failed, false],
    ["${{ github.ref_name == 'other' }}", good, false],
    ['always()', cancelled, true],
    ['failure()', failed, true],
    ['failure()', cancelled, false],
    ['${{ !cancelled() }}', failed, true],
    ['!cancelled()', cancelled, false],
    ["Failure() && github.ref_name == 'DPTA-1'", failed, true],
    ['success() || failure()', failed, true],
    // As on GitHub, text around an expression makes a non-empty string, which is true.
    ['${{ false }} || ${{ false }}', good, true],
  ])('evaluateCondition of %s in state %o is %s', (condition, status, holds) => {
    expect(evaluateCondition(condition, { contexts, status })).toEqual({ ok: true, value: holds })
  })
})
