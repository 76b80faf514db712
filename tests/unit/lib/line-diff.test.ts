import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffLines, shortDiff } from '../../../src/lib/line-diff.js'

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
  .map((lines) => lines.map((line) => `${line}\n`).join(''))

describe('the difference of two texts', () => {
  test('contains both texts, and nothing else', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after)
        const side = (sign: string): string =>
          lines
            .filter((line) => line.sign !== sign)
            .map((line) => `${line.text}\n`)
            .join('')
        expect([side('+'), side('-')]).toEqual([before, after])
      }),
    )
  })

  test('marks no line that both have in the same order', () => {
    const lines = diffLines('a\nb\nc\n', 'a\nx\nc\n').map(({ sign, text: line }) => `${sign}${line}`)
    expect(lines).toEqual([' a', '-b', '+x', ' c'])
  })

  test('leaves out what is far from every difference', () => {
    const before = Array.from({ length: 20 }, (_, index) => `${index}\n`).join('')
    const shown = shortDiff(before, before.replace('10\n', 'ten\n')).map((line) => line && `${line.sign}${line.text}`)
    expect(shown).toEqual([' 8', ' 9', '-10', '+ten', ' 11', ' 12'])
    expect(shortDiff(before, before)).toEqual([])
  })
})
