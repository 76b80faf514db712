import { expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Graph } from '../../../src/model/graph.js'
import { fileOf, problemsOf } from './problems-of.js'

function graphWith(setting: string): Graph {
  const result = parseGraphFile(fileOf('  repoA: {}', setting))
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics))
  return result.graph
}

test('entries of the schedule are read with their time zone, UTC where none is named', () => {
  const setting = `schedule: [{ cron: ' 0 6  * * 1-5', timezone: Europe/Berlin, run: DPTA-1 }, { cron: '@x', invalidate: 'DPTA-*' }]`
  const { schedule } = graphWith(setting.replace('@x', '0 0 * * *'))

  expect(schedule).toEqual([
    { cron: '0 6 * * 1-5', timeZone: 'Europe/Berlin', action: { kind: 'run', branch: 'DPTA-1' } },
    { cron: '0 0 * * *', timeZone: 'UTC', action: { kind: 'invalidate', pattern: 'DPTA-*' } },
  ])
})

test('an event has its source and payload, or those of every schedule', () => {
  const { schedule } = graphWith(
    `schedule: [{ cron: '0 0 * * *', event: { type: nightly, source: team, payload: { tags: [v1, 2, null] } } }, { cron: '0 1 * * *', event: { type: nightly } }]`,
  )
  expect(schedule?.map(({ action }) => action)).toEqual([
    { kind: 'event', type: 'nightly', source: 'team', payload: { tags: ['v1', 2, null] } },
    { kind: 'event', type: 'nightly', source: 'schedule', payload: {} },
  ])
})

test('without the keys there is no schedule and nobody in Slack', () => {
  expect(graphWith('schedule:')).not.toHaveProperty('schedule')
  expect(graphWith('slack: {}')).not.toHaveProperty('slack')
})

test('people in Slack are mapped to logins', () => {
  expect(graphWith('slack: { users: { U0123ABCD: octocat } }').slack).toEqual({ users: { U0123ABCD: 'octocat' } })
})

test('names of the library such as @hourly, dates and seconds are refused', () => {
  for (const cron of ['@hourly', '2026-01-01T00:00:00', '0 0 6 * * *']) {
    expect(problemsOf(fileOf('  repoA: {}', `schedule: [{ cron: '${cron}', run: DPTA-1 }]`))).toEqual([
      expect.stringContaining('it does not have five fields'),
    ])
  }
})

test('more than a hundred entries are refused', () => {
  const entries = Array.from({ length: 101 }, (_, index) => `{ cron: '0 0 31 2 *', run: DPTA-${index} }`)

  expect(problemsOf(fileOf('  repoA: {}', `schedule: [${entries.join(', ')}]`))).toEqual([
    expect.stringContaining('"schedule" has 101 entries, but at most 100 are allowed'),
  ])
})

test('the order of the keys does not matter: the schedule may come before branches', () => {
  const text = `schedule: [{ cron: '0 0 * * *', run: other }]\nversion: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoA: {} }\n`

  expect(problemsOf(text)).toEqual([
    '1:38+5 "other" is not the branch of a coordinated change | name a branch that "branches" matches',
  ])
})
