import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern, matchesBranches } from '../../../src/model/branch-pattern.js'

describe('matchesBranches', () => {
  test.each([
    ['DPTA-*', 'DPTA-1122', true],
    ['DPTA-*', 'DPTA-', true],
    ['DPTA-*', 'DPTA-1/x', false],
    ['DPTA-*', 'dpta-1', false],
    ['DPTA-*', 'xDPTA-1', false],
    ['feature/**', 'feature/a/b', true],
    ['**', 'any/thing', true],
    ['**/fix', 'fix', true],
    ['**/fix', 'a/b/fix', true],
    ['**/fix', 'prefix', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'ab', false],
    ['v[12].[0-9]+.[0-9]+', 'v1.10.1', true],
    ['v[12].[0-9]+.[0-9]+', 'v3.1.1', false],
    ['v[12].[0-9]+.[0-9]+', 'v1x1x1', false],
    ['[a-]x', '-x', true],
    ['colou?r', 'color', true],
    ['colou?r', 'colour', true],
    ['colou?r', 'colouur', false],
    ['a+b', 'aaab', true],
    ['a+b', 'b', false],
    ['a\\+b', 'a+b', true],
    ['a\\+b', 'aab', false],
    ['\\*?x', '*x', true],
    ['(a|b).c$', '(a|b).c$', true],
    ['a.c', 'abc', false],
    ['🙂?x', 'x', true],
  ])('pattern %j against branch %j: matches is %s', (pattern, branch, matches) => {
    expect(matchesBranches([pattern], branch)).toBe(matches)
  })

  test('the last matching branch pattern decides', () => {
    const patterns = ['release/**', '!release/**-alpha', 'release/keep-alpha']
    expect(matchesBranches(patterns, 'release/1')).toBe(true)
    expect(matchesBranches(patterns, 'release/1-alpha')).toBe(false)
    expect(matchesBranches(patterns, 'release/keep-alpha')).toBe(true)
    expect(matchesBranches(['!a', 'a'], 'a')).toBe(true)
  })

  test('a branch pattern on which a regular expression would backtrack is matched at once', () => {
    expect(matchesBranches([`${'*a'.repeat(40)}b`], 'a'.repeat(250))).toBe(false)
  })

  test('a branch pattern without special characters matches exactly itself', () => {
    const plain = fc.string({ unit: fc.constantFrom(...Array.from('ab/.-_(){}^$|#')), minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(plain, plain, (pattern, branch) => {
        expect(matchesBranches([pattern], branch)).toBe(pattern === branch)
      }),
    )
  })
})

describe('compilePattern', () => {
  test.each([
    '',
    '!',
    '?a',
    '+',
    'a**+',
    'a??',
    'a?+',
    '[',
    '[]',
    '[a',
    '[^a]',
    '[!a]',
    '[z-a]',
    '[a-Z]',
    '[0-z]',
    'a\\',
  ])('compilePattern refuses %j and says why', (pattern) => {
    const compiled = compilePattern(pattern)
    expect(compiled.ok ? '' : compiled.problem).not.toBe('')
  })
})
