import { describe, expect, test } from 'vitest'
import { checkNode } from '../../../src/app/doctor/check-program.js'
import { checkClock, checkServer } from '../../../src/app/doctor/check-server.js'

const now = Date.UTC(2026, 10, 29)

describe('the clock', () => {
  test.each([
    ['a second behind', 1_000, 'ok', 'within a minute of GitHub'],
    ['two minutes behind', 120_000, 'warning', 'the clock of this machine is 120 s behind GitHub'],
    ['two minutes ahead', -120_000, 'warning', 'the clock of this machine is 120 s ahead of GitHub'],
    ['an hour behind', 3_600_000, 'failed', 'the clock of this machine is 3600 s behind GitHub'],
  ])('that is %s', (_, behindMs, status, message) => {
    expect(checkClock(now, now + behindMs)).toMatchObject({ id: 'clock', status, message })
  })

  test('is not known to be right if the server names no time', () => {
    expect(checkClock(now, null).status).toBe('unknown')
  })
})

describe('the version of the server', () => {
  test.each([
    [null, 'ok'],
    ['3.21.0', 'ok'],
    ['4.0.1', 'ok'],
    ['3.20.4', 'warning'],
    ['2.22.0', 'warning'],
  ])('%s', (version, status) => {
    expect(checkServer({ version, limits: [] })).toMatchObject({ id: 'server', status })
  })
})

describe('the version of Node', () => {
  test.each([
    ['20.0.0', 'ok'],
    ['24.1.0', 'ok'],
    ['18.19.1', 'failed'],
  ])('%s', (version, status) => {
    expect(checkNode(version)).toMatchObject({ id: 'node', status })
  })
})
