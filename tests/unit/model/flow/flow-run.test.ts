import { describe, expect, test } from 'vitest'
import { newRun } from '../../../../src/model/flow/flow-progress.js'
import { flowResultStatuses } from '../../../../src/model/flow/flow-result.js'
import type { FlowResult } from '../../../../src/model/flow/flow-result.js'
import { attention, effectiveStatus, lastAttempt } from '../../../../src/model/flow/flow-run.js'
import type { FlowAttempt, FlowRunStatus } from '../../../../src/model/flow/flow-run.js'

const attempt = lastAttempt(newRun({ id: 'r', eventId: 'e', flow: 'release' }, 1))
const result = (status: FlowResult['status'], message = ''): FlowResult => ({ status, message, artifacts: [] })
const others: FlowRunStatus[] = ['queued', 'running', 'failed', 'cancelled']

describe('the effective status', () => {
  test.each(others)('of an attempt that is %s is that, whatever its result', (status) => {
    for (const each of [null, ...flowResultStatuses.map((name) => result(name))])
      expect(effectiveStatus({ status, result: each })).toBe(status)
  })

  test.each(flowResultStatuses)('of a completed attempt is its result %s', (status) => {
    expect(effectiveStatus({ status: 'completed', result: result(status) })).toBe(status)
  })

  test('of a completed attempt without a result is completed', () => {
    expect(effectiveStatus({ status: 'completed', result: null })).toBe('completed')
  })
})

describe('the attention that an attempt needs', () => {
  const failedStep = { status: 'failed', startedAt: 1, endedAt: 2, message: 'exit code 3' } as const

  test.each<[string, Partial<FlowAttempt>, string | null]>([
    ['none while it is queued', {}, null],
    ['none when it completed', { status: 'completed' }, null],
    ['none when it was cancelled', { status: 'cancelled', result: result('failed', 'no') }, null],
    ['none when it was skipped', { status: 'completed', result: result('skipped', 'nothing new') }, null],
    [
      'what its failed step says',
      { status: 'failed', steps: [failedStep], result: result('changed', 'x') },
      'exit code 3',
    ],
    ['what its result says', { status: 'failed', result: result('failed', 'no space') }, 'no space'],
    ['a sentence where nothing was said', { status: 'failed' }, 'the run failed'],
    ['the message of a blocked flow', { status: 'completed', result: result('blocked', 'needs a key') }, 'needs a key'],
    [
      'its status without a message',
      { status: 'completed', result: result('needs_intervention') },
      'the flow reported needs_intervention',
    ],
  ])('is %s', (_sentence, fields, expected) => {
    expect(attention({ ...attempt, ...fields })).toBe(expected)
  })
})
