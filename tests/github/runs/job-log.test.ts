import { expect, test } from 'vitest'
import { createLogTail } from '../../../src/github/runs/job-log.js'

const step = { startedAt: Date.UTC(2026, 10, 21, 8, 0, 10), completedAt: Date.UTC(2026, 10, 21, 8, 0, 20) }

function line(second: number, text: string): string {
  return `2026-11-21T08:00:${String(second).padStart(2, '0')}.5000000Z ${text}\n`
}

test('only the lines of the step are kept, without their times', () => {
  const tail = createLogTail(step)

  tail.take(line(5, 'before') + line(12, 'one') + line(20, 'two') + line(30, 'after'))

  expect(tail.end()).toEqual(['one', 'two'])
})

test('reading stops at the first line after the step', () => {
  const tail = createLogTail(step)

  expect(tail.take(line(12, 'one'))).toBe(true)
  expect(tail.take(line(30, 'after'))).toBe(false)
})

test('a line may come in pieces, and the last one may lack its end', () => {
  const tail = createLogTail(step)

  for (const character of line(12, 'one') + line(13, 'two').trimEnd()) tail.take(character)

  expect(tail.end()).toEqual(['one', 'two'])
})

test('of many lines the last twenty are kept', () => {
  const tail = createLogTail(step)

  for (let index = 1; index <= 5000; index += 1) tail.take(line(12, `line ${index}`))

  expect(tail.end()).toEqual(Array.from({ length: 20 }, (_, index) => `line ${4981 + index}`))
})

test('a line of many megabytes is cut', () => {
  const tail = createLogTail(step)

  for (let index = 0; index < 50; index += 1) tail.take('x'.repeat(100_000))
  tail.take('\n' + line(12, 'y'.repeat(5000)))

  expect(Math.max(...tail.end().map((each) => each.length))).toBe(1001)
})

test('lines without a time go on with the line before them', () => {
  const tail = createLogTail(step)

  tail.take(line(5, 'before') + 'still before\n' + line(12, 'one') + '  at file.js:1\n')

  expect(tail.end()).toEqual(['one', '  at file.js:1'])
})

test('a log without any times keeps its end', () => {
  const tail = createLogTail(step)

  tail.take('one\r\ntwo\r\n')

  expect(tail.end()).toEqual(['one', 'two'])
})

test('where no line falls into the step, the lines before it stand in', () => {
  const tail = createLogTail(step)

  tail.take(line(5, 'before'))

  expect(tail.end()).toEqual(['before'])
})

test('without a step the end of the whole log is kept, up to its last error', () => {
  const tail = createLogTail(null)

  tail.take(line(5, 'one') + line(50, '##[error]broken') + line(51, 'cleaning up'))

  expect(tail.end()).toEqual(['one', 'Error: broken'])
})

test('an empty log has no lines', () => {
  expect(createLogTail(step).end()).toEqual([])
})
