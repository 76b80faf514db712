import { describe, expect, test } from 'vitest'
import { createOutputCollector } from '../../../src/flows/step-output.js'
import { noOutput } from '../../../src/model/flow/flow-run.js'
import type { FlowOutput } from '../../../src/model/flow/flow-run.js'

const keptAtEachEnd = 128 * 1024

/** What a command comes to that prints these parts. */
function collect(parts: readonly string[], before: FlowOutput = noOutput) {
  const collector = createOutputCollector(before)
  for (const part of parts) collector.onStdout(part)
  return { output: collector.output(), result: collector.result() }
}

const completed = { status: 'completed', message: '', artifacts: [] }
const changed = { status: 'changed', message: 'built', artifacts: [{ path: 'dist' }] }
const changedLine = 'ORCH_RESULT {"status":"changed","message":"built","artifacts":[{"path":"dist"}]}'

describe('the output of an attempt', () => {
  test('is kept whole while it is short, each stream on its own', () => {
    const collector = createOutputCollector(noOutput)
    collector.onStdout('a')
    collector.onStderr('warning\n')
    collector.onStdout('b\n')
    expect(collector.output()).toEqual({ stdout: 'ab\n', stderr: 'warning\n', truncated: false })
  })

  test('of 1 GB keeps its beginning and its end in bounded memory, and names how much was cut', () => {
    const part = `${'x'.repeat(1024 * 1024 - 1)}\n`
    const collector = createOutputCollector(noOutput)
    collector.onStdout('first ')
    const before = process.memoryUsage().heapUsed
    let mostBytes = 0
    for (let count = 0; count < 1024; count += 1) {
      collector.onStdout(part)
      if (count % 64 === 0) mostBytes = Math.max(mostBytes, process.memoryUsage().heapUsed - before)
    }
    collector.onStdout('last')
    const { stdout, truncated } = collector.output()
    const printed = 6 + 1024 * 1024 * 1024 + 4
    expect(stdout.startsWith('first xxx')).toBe(true)
    expect(stdout.endsWith('xxx\nlast')).toBe(true)
    expect(stdout).toContain(`\n[${(printed - 2 * keptAtEachEnd).toLocaleString('en')} characters were cut here]\n`)
    expect(stdout.length).toBeLessThan(2 * keptAtEachEnd + 100)
    expect(truncated).toBe(true)
    expect(mostBytes).toBeLessThan(512 * 1024 * 1024)
  })

  test('of exactly the size that is kept is not cut, and one character more is', () => {
    expect(collect(['x'.repeat(2 * keptAtEachEnd)]).output).toMatchObject({ truncated: false })
    expect(collect(['x'.repeat(2 * keptAtEachEnd), 'y']).output).toMatchObject({
      truncated: true,
      stdout: expect.stringContaining('\n[1 characters were cut here]\n') as string,
    })
  })

  test('stays well-formed where a cut splits a character, and has no NUL, which a database refuses', () => {
    const { stdout } = collect([`a${'😀'.repeat(2 * keptAtEachEnd)}`, '\0']).output
    expect(stdout.isWellFormed()).toBe(true)
    expect(stdout).toContain('\u{fffd}')
    expect(stdout).not.toContain('\0')
    expect(collect(['a\0b']).output.stdout).toBe('a\u{fffd}b')
  })

  test('of several steps is kept together', () => {
    const first = collect(['one\n']).output
    expect(collect(['two\n'], first).output).toEqual({ stdout: 'one\ntwo\n', stderr: '', truncated: false })
  })

  test('names all that was cut, over several steps', () => {
    const first = collect(['x'.repeat(2 * keptAtEachEnd + 1_000)]).output
    expect(collect([], first).output.stdout === first.stdout).toBe(true)
    const { stdout, truncated } = collect(['y'.repeat(500)], first).output
    expect(stdout).toContain('\n[1,500 characters were cut here]\n')
    expect(stdout.match(/were cut here/gu)).toHaveLength(1)
    expect(stdout.endsWith('xy'.padEnd(501, 'y'))).toBe(true)
    expect(truncated).toBe(true)
  })
})

describe('the result of a step', () => {
  test.each([
    ['is absent where nothing was printed', [], null],
    ['is absent where a line only contains the word', [`it prints ${changedLine}\n`], null],
    ['is read from a line', [`building\n${changedLine}\ndone\n`], changed],
    ['is read from a last line without a line break', [`building\n${changedLine}`], changed],
    ['is read with the line breaks of Windows', [`${changedLine}\r\n`], changed],
    ['is read by its other name', [changedLine.replace('ORCH', 'FLOW')], changed],
    ['is read from a line that arrives character by character', `a\n${changedLine}\nb\n`.split(''), changed],
    ['is the last one', [`${changedLine}\n`, 'ORCH_RESULT {"status":"completed"}\n'], completed],
    ['is the last one, also when it is not valid', [`${changedLine}\n`, 'ORCH_RESULT {\n'], { status: 'failed' }],
    ['is failed for an unknown status', ['ORCH_RESULT {"status":"done"}'], { status: 'failed' }],
    ['is failed for a list', ['ORCH_RESULT []'], { status: 'failed', message: 'the result is not a JSON object' }],
    [
      'is failed for artifacts that are not a list',
      ['ORCH_RESULT {"status":"changed","artifacts":{}}'],
      { status: 'failed', message: 'the artifacts of the result are not a list' },
    ],
  ])('%s', (_sentence, parts, expected) => {
    const { result } = collect(parts)
    if (expected === null) expect(result).toBeNull()
    else expect(result).toMatchObject(expected)
  })

  test('is failed for a line that is too long, and the next line is read again', () => {
    const long = ['ORCH_RESULT {"status":"changed","message":"', ...Array<string>(300).fill('x'.repeat(1024)), '"}']
    expect(collect(long).result).toEqual({
      status: 'failed',
      message: 'the result line is longer than 262144 characters',
      artifacts: [],
    })
    expect(collect([...long, '\n', changedLine]).result).toEqual(changed)
  })

  test('is found after a line without a result that is too long', () => {
    expect(collect(['x'.repeat(300 * 1024), '\n', changedLine]).result).toEqual(changed)
  })
})
