import { expect, test } from 'vitest'
import { codeSpan, commentMarker, renderComment } from '../../../src/service/commands/comment-text.js'

const shown = { statusContext: 'orchestrator-build', command: '/orch status', author: 'mona' }

test('a comment begins with its marker, the command and its author', () => {
  const text = renderComment({ ...shown, outcome: { isDone: true, headline: 'Done.', details: 'one\ntwo\n' } })

  expect(text).toBe('<!-- orch orchestrator-build -->\n`/orch status` by `mona`: Done.\n\n```text\none\ntwo\n```\n')
})

test('a comment without details has no empty block', () => {
  const text = renderComment({ ...shown, outcome: { isDone: true, headline: 'Done.', details: '' } })

  expect(text).toBe('<!-- orch orchestrator-build -->\n`/orch status` by `mona`: Done.\n')
})

test.each([
  ['@acme/admins', '`@acme/admins`'],
  ['a`b', '``a`b``'],
  ['`a``b`', '``` `a``b` ```'],
  ['a\nb', String.raw`\u{a}`],
  [' ', '(nothing)'],
])('hostile text %j is one code span', (text, expected) => {
  expect(codeSpan(text)).toContain(expected)
  expect(codeSpan(text)).not.toContain('\n')
})

test('details cannot close their block, so that no mention or HTML in them has an effect', () => {
  const details = 'x\n```\n@acme/admins <img src=x>\n````\n'
  const text = renderComment({ ...shown, outcome: { isDone: true, headline: 'Done.', details } })

  expect(text.split('\n').filter((line) => line.startsWith('`````'))).toEqual(['`````text', '`````'])
})

test('details that GitHub would not take are cut', () => {
  const details = 'x'.repeat(100_000)
  const text = renderComment({ ...shown, outcome: { isDone: true, headline: 'Done.', details } })

  expect(text.length).toBeLessThan(65_000)
  expect(text).toContain('the rest is omitted')
})

test('no status context can end the marker early', () => {
  expect(commentMarker('a --> b')).toBe('<!-- orch a%20--%3E%20b -->')
})
