import { describe, expect, test } from 'vitest'
import {
  cancelAttempt,
  endStep,
  failAttempt,
  interrupted,
  newRun,
  nextOf,
  openAttempt,
  replayed,
  startAttempt,
  startStep,
  withAttempt,
  withOutput,
} from '../../../../src/model/flow/flow-progress.js'
import type { StepEnd } from '../../../../src/model/flow/flow-progress.js'
import { lastAttempt } from '../../../../src/model/flow/flow-run.js'
import type { FlowAttempt } from '../../../../src/model/flow/flow-run.js'

const run = newRun({ id: 'r', eventId: 'e', flow: 'release' }, 1)
const queued = lastAttempt(run)
const completed: StepEnd = { status: 'completed', message: 'exit code 0' }
/** An attempt of two steps of which the first is being executed. */
const inFirst = startStep(startAttempt(queued, 2, 10), 0, 11)
const between = endStep(inFirst, 0, completed, 12)
const statuses = (attempt: FlowAttempt): unknown[] => [attempt.status, ...attempt.steps.map(({ status }) => status)]

describe('an attempt', () => {
  test('performs its steps in order, each once', () => {
    expect(nextOf(queued)).toEqual({ kind: 'none' })
    expect(nextOf(startAttempt(queued, 2, 10))).toEqual({ kind: 'start-step', index: 0 })
    expect(nextOf(inFirst)).toEqual({ kind: 'wait', index: 0 })
    expect(startStep(inFirst, 0, 99)).toBe(inFirst)
    expect(startStep(inFirst, 1, 99)).toBe(inFirst)
    expect(nextOf(between)).toEqual({ kind: 'start-step', index: 1 })
    expect(endStep(between, 0, completed, 99)).toBe(between)
    const ended = endStep(startStep(between, 1, 13), 1, completed, 14)
    expect([...statuses(ended), ended.startedAt, ended.endedAt]).toEqual([
      'completed',
      'completed',
      'completed',
      10,
      14,
    ])
    expect(startAttempt(ended, 2, 99)).toBe(ended)
  })

  test('without steps is completed at once', () => {
    expect(startAttempt(queued, 0, 10)).toMatchObject({ status: 'completed', startedAt: 10, endedAt: 10 })
  })

  test('ends with a step that fails, and the steps after it stay queued', () => {
    const failed = endStep(inFirst, 0, { status: 'failed', message: 'exit code 1' }, 12)
    expect([...statuses(failed), failed.endedAt]).toEqual(['failed', 'failed', 'queued', 12])
    expect(nextOf(failed)).toEqual({ kind: 'none' })
  })

  test('keeps the result of an earlier step until a later one has another', () => {
    const result = { status: 'changed', message: '', artifacts: [] } as const
    const second = startStep(endStep(inFirst, 0, { ...completed, result }, 12), 1, 13)
    expect(endStep(second, 1, { ...completed, result: null }, 14).result).toEqual(result)
    expect(endStep(second, 1, { ...completed, result: { ...result, status: 'blocked' } }, 14).result).toMatchObject({
      status: 'blocked',
    })
  })

  test('keeps what it printed up to now only while it runs', () => {
    const output = { stdout: 'a', stderr: '', truncated: false }
    expect(withOutput(inFirst, output).output).toEqual(output)
    expect(withOutput(inFirst, inFirst.output)).toBe(inFirst)
    expect(withOutput(queued, output)).toBe(queued)
  })

  test.each([
    ['is queued', queued, ['failed', 'failed']],
    ['is between two steps', between, ['failed', 'completed', 'failed']],
    ['performs a step', inFirst, ['failed', 'failed', 'queued']],
  ])('that %s fails where it cannot be executed', (_sentence, attempt, expected) => {
    const failed = failAttempt(attempt, interrupted, 20)
    expect(statuses(failed)).toEqual(expected)
    expect(failed.steps.find(({ status }) => status === 'failed')?.message).toBe(interrupted)
    expect(failAttempt(failed, 'again', 21)).toBe(failed)
  })
})

describe('cancelling', () => {
  test.each([
    ['waits to be started', queued],
    ['has started no step', startAttempt(queued, 2, 10)],
    ['is between two steps', between],
  ])('ends an attempt at once that %s', (_sentence, attempt) => {
    const cancelled = cancelAttempt(attempt, 'ann', 20)
    expect(cancelled).toMatchObject({ status: 'cancelled', endedAt: 20, cancelledBy: 'ann' })
    expect(nextOf(cancelled)).toEqual({ kind: 'none' })
  })

  test('waits for the step that is being executed, and keeps who asked first', () => {
    const asked = cancelAttempt(cancelAttempt(inFirst, 'ann', 20), 'bob', 21)
    expect(asked).toMatchObject({ status: 'running', cancelledBy: 'ann', endedAt: null })
    const cancelled = endStep(asked, 0, { status: 'cancelled', message: 'it was cancelled' }, 22)
    expect([...statuses(cancelled), cancelled.endedAt]).toEqual(['cancelled', 'cancelled', 'queued', 22])
  })

  test('starts no further step when the one that is being executed completes nevertheless', () => {
    const ended = endStep(cancelAttempt(inFirst, 'ann', 20), 0, completed, 22)
    expect([...statuses(ended), ended.endedAt]).toEqual(['cancelled', 'completed', 'queued', 22])
  })

  test('leaves an attempt completed whose last step completes nevertheless', () => {
    const last = cancelAttempt(startStep(between, 1, 13), 'ann', 20)
    expect(endStep(last, 1, completed, 22).status).toBe('completed')
  })

  test('changes nothing where the attempt has ended', () => {
    const ended = endStep(startStep(between, 1, 13), 1, completed, 14)
    expect(cancelAttempt(ended, 'ann', 20)).toBe(ended)
  })
})

describe('a replay', () => {
  test('adds an attempt that waits while an earlier one runs', () => {
    const running = withAttempt(run, inFirst)
    const again = replayed(running, 30)
    expect(again.attempts).toMatchObject([
      { id: 'r-1', isReplay: false, status: 'running' },
      { id: 'r-2', number: 2, isReplay: true, status: 'queued', createdAt: 30 },
    ])
    expect(openAttempt(again)?.id).toBe('r-1')
    const ended = withAttempt(again, endStep(inFirst, 0, { status: 'failed', message: '' }, 31))
    expect(openAttempt(ended)?.id).toBe('r-2')
    expect(openAttempt(withAttempt(ended, cancelAttempt(lastAttempt(ended), 'ann', 32)))).toBeNull()
  })
})
