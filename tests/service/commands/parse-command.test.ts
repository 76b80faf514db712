import { expect, test } from 'vitest'
import { parseComment, parseWords } from '../../../src/service/commands/parse-command.js'

test.each(['run', 'plan', 'status', 'cancel', 'invalidate'] as const)('/orch %s is a command', (name) => {
  expect(parseComment(`/orch ${name}`)?.command).toEqual({ kind: 'command', name, branch: null })
})

test.each([
  ['on a later line', 'Looks good.\r\n\r\n/orch run\r\nThanks', 'run', null],
  ['with a branch', '/orch invalidate DPTA-1122', 'invalidate', 'DPTA-1122'],
  ['in capitals', '/orch RUN', 'run', null],
  ['with more blanks', '  /orch \t run  ', 'run', null],
  ['after a fenced example', '```\n/orch cancel\n```\n/orch run', 'run', null],
  ['after a longer fence that contains a shorter one', '````\n```\n/orch cancel\n```\n````\n/orch run', 'run', null],
])('a command %s is found', (_how, body, name, branch) => {
  expect(parseComment(body)?.command).toEqual({ kind: 'command', name, branch })
})

test.each([
  ['not the first word of its line', 'please /orch run'],
  ['part of another word', '/orchestra run'],
  ['in a quoted line', '> /orch run'],
  ['in a fenced example', '```\n/orch run\n```'],
  ['in a fence that never ends', '~~~\n/orch run'],
  ['in indented code', '    /orch run'],
  ['in another case', '/ORCH run'],
])('a command that is %s is not one', (_how, body) => {
  expect(parseComment(body)).toBeNull()
})

test('the first of several commands counts', () => {
  expect(parseComment('/orch status\n/orch run')?.command).toMatchObject({ name: 'status' })
})

test('the line of a command is kept without its blanks', () => {
  expect(parseComment('a\n  /orch run  \nb')?.line).toBe('/orch run')
})

test.each([
  ['', { kind: 'help' }],
  ['  help ', { kind: 'help' }],
  ['deploy', { kind: 'unknown', text: 'deploy' }],
  ['run DPTA-1 now', { kind: 'unknown', text: 'run DPTA-1 now' }],
  ['run  DPTA-1', { kind: 'command', name: 'run', branch: 'DPTA-1' }],
])('the words %j are read', (words, expected) => {
  expect(parseWords(words)).toEqual(expected)
})
