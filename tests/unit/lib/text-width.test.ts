import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { column, cut, displayWidth, pad, wrap } from '../../../src/lib/text-width.js'

describe('the width of a text', () => {
  it.each([
    ['abc', 3],
    ['größe', 5],
    ['e\u0301', 1],
    ['क्षि', 2],
    ['की', 2],
    ['กำ', 2],
    ['ﾊﾞ', 2],
    ['\u1112\u1161\u11ab', 2],
    ['\u200b', 0],
    ['日本語', 6],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['😀', 2],
    ['👨‍👩‍👧', 2],
    ['☕️', 2],
    ['✔ ✖ ↓ ● · │ …', 13],
  ])('displayWidth counts the columns of %s', (text, width) => expect(displayWidth(text)).toBe(width))

  it('cut returns text that is never wider than the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(displayWidth(cut(text, columns))).toBeLessThanOrEqual(columns)
      }),
    )
  })

  it('pad returns text that is at least as wide as requested', () => {
    expect(pad('日本', 6)).toBe('日本  ')
    expect(pad('abcdef', 3)).toBe('abcdef')
  })

  it('cut marks truncated text with an ellipsis', () => {
    expect(cut('abcdef', 4)).toBe('abc…')
    expect(cut('日本語', 4)).toBe('日…')
    expect(cut('abc', 3)).toBe('abc')
  })
})

describe('wrapping', () => {
  it('wrap breaks between words and keeps a long word whole', () => {
    expect(wrap('see https://github.com/a/b for more of it', 12)).toEqual([
      'see',
      'https://github.com/a/b',
      'for more of',
      'it',
    ])
  })
})

describe('a column', () => {
  it.each(['', 'repoB', 'platform-services-build-one', '漢字漢字漢字漢字漢字'])(
    'column returns exactly the requested width for the text "%s"',
    (text) => {
      for (const columns of [1, 2, 9, 10, 24]) expect(displayWidth(column(text, columns))).toBe(columns)
    },
  )

  it('column shows both ends of truncated text', () => expect(column('platform-build-one', 11)).toBe('platf…d-one'))
})
