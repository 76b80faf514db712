import { expect, test } from 'vitest'
import { createLogTail } from '../../../src/github/runs/job-log.js'

const step = { startedAt: Date.UTC(2026, 10, 21, 8, 0, 10), completedAt: Date.UTC(2026, 10, 21, 8, 0, 20) }

function line(second: number, text: string): string {
  return `2026-11-21T08:00:${String(second).padStart(2, '0')}.5000000Z ${text}\n`
}

test('the log keeps only the lines of the step, without their times', () => {
  const tail = createLogTail(step)

  tail.take(line(5, 'before') + line(12, 'one') + line(20, 'two') + line(30, 'after'))

  expect(tail.end()).toEqual(['one', 'two'])
})

test('reading a log stops at the first line after the step', () => {
  const tail = createLogTail(step)

  expect(tail.take(line(12, 'one'))).toBe(true)
  expect(tail.take(line(30, 'after'))).toBe(false)
})

test('a log line may arrive in pieces, and the last one may lack its line feed', () => {
  const tail = createLogTail(step)

  for (const character of line(12, 'one') + line(13, 'two').trimEnd()) tail.take(character)

  expect(tail.end()).toEqual(['one', 'two'])
})

test('the log keeps the last twenty lines', () => {
  const tail = createLogTail(step)

  for (let index = 1; index <= 5000; index += 1) tail.take(line(12, `line ${index}`))

  expect(tail.end()).toEqual(Array.from({ length: 20 }, (_, index) => `line ${4981 + index}`))
})

test('a log line of many megabytes is truncated', () => {
  const tail = createLogTail(step)

  for (let index = 0; index < 50; index += 1) tail.take('x'.repeat(100_000))
  tail.take('\n' + line(12, 'y'.repeat(5000)))

  expect(Math.max(...tail.end().map((each) => each.length))).toBe(1001)
})

test('log lines without a time belong to the line before them', () => {
  const tail = createLogTail(step)

  tail.take(line(5, 'before') + 'still before\n' + line(12, 'one') + '  at file.js:1\n')

  expect(tail.end()).toEqual(['one', '  at file.js:1'])
})

test('a log without any times keeps its last lines', () => {
  const tail = createLogTail(step)

  tail.take('one\r\ntwo\r\n')

  expect(tail.end()).toEqual(['one', 'two'])
})

test('a log without a line in the step keeps the lines before the step', () => {
  const tail = createLogTail(step)

  tail.take(line(5, 'before'))

  expect(tail.end()).toEqual(['before'])
})

test('a log without a step keeps its end, up to its last error', () => {
  const tail = createLogTail(null)

  tail.take(line(5, 'one') + line(50, '##[error]broken') + line(51, 'cleaning up'))

  expect(tail.end()).toEqual(['one', 'Error: broken'])
})

test('an empty log has no lines', () => {
  expect(createLogTail(step).end()).toEqual([])
})
