import { describe, expect, test } from 'vitest'
import { parseJson } from '../../../src/lib/parse-json.js'

describe('JSON text', () => {
  test.each(['null', '1', '"a"', ' [1, {"a": "\\ud800"}]\r\n', '{"__proto__": 1}'])('%j is read', (text) => {
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown })
  })

  test.each([
    ['', 'it is empty'],
    [' \n\t', 'it is empty'],
    ['{"tag":', 'line 1, column 8: value expected'],
    ['{\n  "tag": v1\n}', 'line 2, column 10: invalid symbol'],
    ['{"a": 1,}', 'line 1, column 9: '],
    ['[1, 2', 'line 1, column 6: '],
    ['// note\n1', 'line 1, column 1: '],
    ['{"a": 1} x', 'line 1, column 10: '],
    ["{'a': 1}", 'line 1, column 2: '],
    ['NaN', 'line 1, column 1: '],
    ['"a\u0001"', ''],
    ['01', ''],
    ['undefined', 'line 1, column 1: '],
  ])('%j is refused with the place: %s', (text, problem) => {
    expect(parseJson(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) as string })
  })

  test('that is nested too deep to find the mistake in it is refused', () => {
    expect(parseJson('['.repeat(1_000_000))).toEqual({ ok: false, problem: 'it is nested too deep' })
  })
})
