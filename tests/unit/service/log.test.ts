import { describe, expect, test } from 'vitest'
import { createRedaction } from '../../../src/lib/redaction.js'
import { createLog } from '../../../src/service/operations/create-log.js'
import type { Log } from '../../../src/service/operations/log.js'

const at = Date.UTC(2026, 10, 29, 9, 0, 0)

function openLog(level?: 'debug'): { log: Log; lines: string[] } {
  const lines: string[] = []
  const redaction = createRedaction()
  redaction.add('ghs_secretsecret')
  const write = (line: string): void => void lines.push(line)
  return { lines, log: createLog({ write, now: () => at, redact: redaction.redact, ...(level ? { level } : {}) }) }
}

describe('the log of the service', () => {
  test('writes one JSON object per line with its time, level, fields and message', () => {
    const { log, lines } = openLog()
    log.with({ delivery: 'd-1' }).info({ orchestration: 'o-1' }, 'locked')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: '2026-11-29T09:00:00.000Z',
      delivery: 'd-1',
      orchestration: 'o-1',
      message: 'locked',
    })
    expect(lines[0]).toMatch(/\n$/u)
  })

  test('removes a secret from fields, messages and errors', () => {
    const { log, lines } = openLog()
    log.error(
      { url: 'https://x:ghs_secretsecret@host/', error: new Error('ghs_secretsecret') },
      'with ghs_secretsecret',
    )
    expect(lines.join('')).not.toContain('ghs_secretsecret')
    expect(lines.join('').match(/\[token\]/gu)?.length).toBeGreaterThanOrEqual(3)
  })

  test('writes characters that drive a terminal or reverse text as escapes', () => {
    const { log, lines } = openLog()
    const hostile = '\u001b]0;x\u0007\u009b31m\u202etxt\u2066'
    log.info({ branch: hostile }, 'a hostile branch')
    expect(lines[0]?.trimEnd()).toMatch(/^[\x20-\x7e]*$/u)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ branch: hostile })
  })

  test('leaves out lines below its level', () => {
    const quiet = openLog()
    quiet.log.debug({}, 'detail')
    expect(quiet.lines).toEqual([])
    const verbose = openLog('debug')
    verbose.log.debug({}, 'detail')
    expect(verbose.lines).toHaveLength(1)
  })
})
