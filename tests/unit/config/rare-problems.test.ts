import { describe, expect, test } from 'vitest'
import { fileOf, problemsOf } from './problems-of.js'

describe('problems that few files have', () => {
  test('a byte order mark does not move a problem in the first line', () => {
    const problem = '1:10+1 "version" must be 1, not the number 2 | this orch reads version: 1 of the graph file'
    const text = fileOf('  a: {}').replace('version: 1', 'version: 2')
    expect(problemsOf(text)).toEqual([problem])
    expect(problemsOf(`\ufeff${text}`)).toEqual([problem])
  })

  test('a control character before a line feed is refused', () => {
    expect(problemsOf('a: b\u0007\n')).toEqual([
      '1:5+1 the file is not valid UTF-8 text: it contains the character U+0007 | save it as UTF-8 with line feeds',
    ])
  })

  test('an element of a list without a value is reported at the key', () => {
    expect(problemsOf(fileOf('  a: {}\n  b: { needs: [a, null] }'))).toEqual([
      '7:8+5 "needs" must be a list of texts, not nothing',
    ])
  })

  test('retries that are not a number are reported once', () => {
    expect(problemsOf(fileOf('  a: { retries: many }'))).toEqual([
      '6:17+4 "retries" must be a number, not the text "many"',
    ])
  })

  test('inputs of the defaults that are not a map are refused', () => {
    expect(problemsOf(fileOf('  a: {}', 'defaults: { inputs: [x] }'))).toEqual([
      '4:21+3 "inputs" of "defaults" must be a map, not a list | write "key: value" lines below it',
    ])
  })

  test('two jobs whose ids differ only in case and whose repositories are wrong are not compared', () => {
    const problem = '"a/b/c" is not a valid repository | write name or owner/name, not an address'
    expect(problemsOf(fileOf('  LIB: { repo: a/b/c }\n  lib: { repo: a/b/c }'))).toEqual([
      `6:16+5 ${problem}`,
      `7:16+5 ${problem}`,
    ])
  })

  test('expressions in a text without quotes are reported at their places, on one line or several', () => {
    const known = 'one of branch, orchestration.id, job.attempt, needs.<job>.<head-sha or run-id or run-url or result>'
    const unknown = `unknown expression "no" | use ${known}`
    const jobs = '  a:\n    inputs:\n      x: ${{ no }} ${{ no }}\n      y: ${{ no }}\n        and more'
    expect(problemsOf(fileOf(jobs))).toEqual([`8:10+9 ${unknown}`, `8:20+9 ${unknown}`, `9:10+9 ${unknown}`])
  })

  test('a hint that costs nothing is given for more than 50 problems', () => {
    const jobs = Array.from({ length: 60 }, (_, index) => `  j${index}: { needs: j${index} }`).join('\n')
    expect(problemsOf(fileOf(jobs)).filter((problem) => problem.endsWith(' | remove it'))).toHaveLength(60)
  })

  test('a comma at the start of a file is not two commas', () => {
    expect(problemsOf(', a\n')[0]).not.toContain('there is nothing between these commas')
  })
})
