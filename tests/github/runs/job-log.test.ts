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

test('a last line of 300,000 characters is shown with its beginning and its end', () => {
  const tail = createLogTail(step)
  const text = `${line(12, `Error in ${'x'.repeat(300_000)} at main.c:7`)}${line(13, '##[error]Process completed with exit code 1.')}`

  for (let index = 0; index < text.length; index += 16_384) tail.take(text.slice(index, index + 16_384))

  const [long = '', last, ...more] = tail.end()
  expect(long).toMatch(/^Error in x{491}…x{488} at main\.c:7$/u)
  expect([last, ...more]).toEqual(['Error: Process completed with exit code 1.'])
})

test('a long last line without a line feed that arrives in one piece keeps its time and its mark', () => {
  const tail = createLogTail(step)

  tail.take(line(5, 'before') + line(12, `##[error]${'y'.repeat(300_000)}END`).trimEnd())

  const [only = '', ...more] = tail.end()
  expect(only).toMatch(/^Error: y{493}…y{497}END$/u)
  expect(more).toEqual([])
})

test('twenty long lines are all kept', () => {
  const tail = createLogTail(step)

  for (let index = 1; index <= 30; index += 1) tail.take(line(12, `${index} ${'z'.repeat(300_000)}`))

  expect(tail.end().map((each) => Number.parseInt(each, 10))).toEqual(
    Array.from({ length: 20 }, (_, index) => 11 + index),
  )
})

test('a long log line is not cut inside a character', () => {
  const tail = createLogTail(null)

  for (const before of ['', 'a']) tail.take(line(12, before + '😀'.repeat(100_000)))

  for (const each of tail.end()) expect(each).not.toMatch(/[\ud800-\udfff]/u)
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
