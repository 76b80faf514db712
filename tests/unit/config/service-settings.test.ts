import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Graph } from '../../../src/model/graph.js'
import { fileOf, problemsOf } from './problems-of.js'

function graphOf(setting: string): Graph {
  const result = parseGraphFile(fileOf('  a: {}', setting))
  if (!result.ok) throw new Error(problemsOf(fileOf('  a: {}', setting)).join('\n'))
  return result.graph
}

describe('the settings that only the service reads', () => {
  test.each([
    ['auto-run: true', { quietMs: 30_000 }],
    ['auto-run: { quiet: 1s }', { quietMs: 1_000 }],
    ['auto-run: { quiet: 1h2m3s }', { quietMs: 3_723_000 }],
    ['auto-run: false', undefined],
    ['other-pull-requests: ignore', undefined],
  ])('%s is read', (setting, autoRun) => {
    expect(graphOf(setting).autoRun).toEqual(autoRun)
  })

  test('concurrency has a limit in all and one for each repository', () => {
    expect(graphOf('concurrency: { in-all: 3 }').concurrency).toEqual({ inAll: 3, perRepository: null })
    expect(graphOf('concurrency: { per-repository: 1 }').concurrency).toEqual({ inAll: null, perRepository: 1 })
    expect(graphOf('fail-fast: true').concurrency).toBeUndefined()
  })

  test('other-pull-requests is absent unless the file has it', () => {
    expect(graphOf('fail-fast: true').otherPullRequests).toBeUndefined()
    expect(graphOf('other-pull-requests: pass').otherPullRequests).toBe('pass')
  })

  test.each([
    ['auto-run: 30s', '4:11+3 "auto-run" must be true, false or a map, not the text "30s" | write { quiet: 30s }'],
    ['auto-run: {}', '4:1+8 "auto-run" has no "quiet" | write { quiet: 30s }, or true'],
    [
      'auto-run: { quiet: 0s }',
      '4:20+2 "quiet" must be a duration, not "0s" | write it like 30s, 5m or 1h30m; at least 1s and at most 24h',
    ],
    [
      'auto-run: { quiet: 24h1s }',
      '4:20+5 "quiet" must be a duration, not "24h1s" | write it like 30s, 5m or 1h30m; at least 1s and at most 24h',
    ],
  ])('%s is refused', (setting, problem) => {
    expect(problemsOf(fileOf('  a: {}', setting))).toEqual([problem])
  })
})
