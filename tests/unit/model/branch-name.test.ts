import { expect, test } from 'vitest'
import { branchNameProblem } from '../../../src/model/branch-name.js'

test.each(['DPTA-1122', 'feature/a.b', 'a@b', '@x', 'é/🙂', 'a-', 'lock', 'x.lockfile', '{}'])(
  'branchNameProblem accepts %j, which git accepts',
  (name) => {
    expect(branchNameProblem(name)).toBeUndefined()
  },
)

test.each([
  ['', 'empty'],
  ['@', '@'],
  ['-x', 'dash'],
  ['/x', 'slashes'],
  ['x/', 'slashes'],
  ['a//b', 'slashes'],
  ['.x', 'dot'],
  ['a/.b', 'dot'],
  ['a.lock', '.lock'],
  ['a.lock/b', '.lock'],
  ['a.', 'dot'],
  ['a..b', 'two dots'],
  ['a@{1}', '@{'],
  ['a b', '" "'],
  ['a~1', '"~"'],
  ['a^', '"^"'],
  ['a:b', '":"'],
  ['a?', '"?"'],
  ['a*', '"*"'],
  ['a[b', '"["'],
  ['a\\b', '"\\\\"'],
  ['a\u007fb', 'contains'],
  ['a\nb', '"\\n"'],
])('branchNameProblem refuses %j, which git refuses, and its message contains %s', (name, named) => {
  expect(branchNameProblem(name)).toContain(named)
})
