import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Graph } from '../../../src/model/graph.js'
import { fileOf, problemsOf } from './problems-of.js'

function graphOf(setting: string): Graph {
  const result = parseGraphFile(fileOf('  a: {}', setting))
  if (!result.ok) throw new Error(problemsOf(fileOf('  a: {}', setting)).join('\n'))
  return result.graph
}

/** The messages about a setting, without their places and hints. */
const messagesOf = (setting: string): string[] =>
  problemsOf(fileOf('  a: {}', setting)).map((problem) => problem.replace(/^\S+ /u, '').replace(/ \| .*/u, ''))

const hintsOf = (setting: string): string[] =>
  problemsOf(fileOf('  a: {}', setting)).map((problem) => problem.replace(/^.* \| /u, ''))

describe('auto-run', () => {
  test.each([
    ['24h', 86_400_000],
    ['1440m', 86_400_000],
    ['86400s', 86_400_000],
    ['12h', 43_200_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
  ])('a quiet time of %s is %i ms', (quiet, quietMs) => {
    expect(graphOf(`auto-run: { quiet: ${quiet} }`).autoRun).toEqual({ quietMs })
  })

  test.each(['about 30s', '30s or so', '30', '1m1h', '30 s', '-5m', '100h', 'soon', 's'])(
    'a quiet time of "%s" is refused',
    (quiet) => {
      expect(messagesOf(`auto-run: { quiet: '${quiet}' }`)).toEqual([`"quiet" must be a duration, not "${quiet}"`])
    },
  )

  test('a value of the wrong kind is reported once', () => {
    expect(messagesOf('auto-run:')).toEqual(['"auto-run" has no value'])
    expect(messagesOf('auto-run: { quiet: [30s] }')).toEqual(['"quiet" must be a text, not a list'])
    expect(messagesOf('auto-run: { quiet: 30s, loud: 1s }')).toEqual(['unknown key "loud" in "auto-run"'])
    expect(messagesOf('auto-run: { quiet: 30 }')).toEqual(['"quiet" has no unit'])
  })

  test('a wrong quiet time leaves the other errors of the file', () => {
    expect(messagesOf('auto-run: { quiet: soon }\nfail-fast: maybe')).toHaveLength(2)
  })
})

describe('concurrency', () => {
  test('without a value it is absent', () => {
    expect(graphOf('concurrency:').concurrency).toBeUndefined()
  })

  test('a value of the wrong kind is reported once', () => {
    expect(messagesOf('concurrency: 3')).toEqual(['"concurrency" must be a map, not the number 3'])
    expect(messagesOf('concurrency: { in-all: many }')).toEqual(['"in-all" must be a number, not the text "many"'])
    expect(messagesOf('concurrency: { in-all: 0 }')).toEqual(['"in-all" must be a whole number of at least 1'])
  })
})

describe('slack', () => {
  test('without a value it is absent', () => {
    expect(graphOf('slack:')).not.toHaveProperty('slack')
    expect(messagesOf('slack: { members: {} }')).toEqual(['unknown key "members" in "slack"'])
    expect(messagesOf('slack: 3')).toEqual(['"slack" must be a map, not the number 3'])
  })

  test.each(['u0123ABCD', 'XU0123ABCD', 'U0123ABCD!', 'U1', 'T0123ABCD', 'U0123 ABCD'])(
    'the key "%s" is not the id of a person',
    (id) => {
      expect(messagesOf(`slack: { users: { '${id}': octocat } }`)).toEqual([`"${id}" is not the id of a Slack user`])
    },
  )

  test.each(['-octocat', 'octo cat', '@octocat', 'octocat!', ''])('"%s" is not a login', (login) => {
    expect(messagesOf(`slack: { users: { U0123ABCD: '${login}' } }`)).toEqual([
      `"${login}" is not a valid GitHub login`,
    ])
  })

  test('people in an Enterprise Grid and logins with a digit, a hyphen or an underscore are read', () => {
    const users = { W0123ABCD: 'octo-cat_2', U0123ABCD: '7' }
    expect(graphOf(`slack: { users: { W0123ABCD: octo-cat_2, U0123ABCD: '7' } }`).slack).toEqual({ users })
  })

  test('a value of the wrong kind is reported once', () => {
    expect(messagesOf('slack: { users: [octocat] }')).toEqual(['"users" must be a map, not a list'])
    expect(messagesOf('slack: { users: { U0123ABCD: 3 } }')).toEqual(['"U0123ABCD" must be a text, not the number 3'])
  })
})

describe('schedule', () => {
  const entry = (fields: string): string => `schedule: [{ ${fields} }]`

  test('a hundred entries are allowed', () => {
    const entries = Array.from({ length: 100 }, (_, index) => `{ cron: '0 0 1 1 *', run: DPTA-${index} }`)
    expect(graphOf(`schedule: [${entries.join(', ')}]`).schedule).toHaveLength(100)
  })

  test('an entry that is listed twice is reported at the second', () => {
    const same = `{ cron: '0 0 1 1 *', run: DPTA-1 }`
    expect(messagesOf(`schedule: [${same}, ${same}]`)).toEqual(['the same entry is listed twice'])
  })

  test('each mistake of an entry is reported once', () => {
    expect(messagesOf(entry(`cron: [1], run: DPTA-1`))).toEqual(['"cron" must be a text, not a list'])
    expect(messagesOf(entry(`cron: '0 0 1 1 *', run: [1]`))).toEqual(['"run" must be a text, not a list'])
    expect(messagesOf(entry(`cron: '0 0 1 1 *', invalidate: [1]`))).toEqual(['"invalidate" must be a text, not a list'])
    expect(messagesOf(entry(`cron: '0 0 1 1 *', timezone: [1], run: DPTA-1`))).toEqual([
      '"timezone" must be a text, not a list',
    ])
    expect(messagesOf(entry(`cron: '0 0 1 1 *', timezone: Mars, run: DPTA-1`))).toEqual(['"Mars" is not a time zone'])
  })

  test('an event needs a type and takes a map as its payload', () => {
    const event = (fields: string): string[] => messagesOf(entry(`cron: '0 0 1 1 *', event: ${fields}`))
    expect(event('{ type: nightly, source: orch, payload: { tags: [v1, 2, null] } }')).toEqual([])
    const length = 'must have 1 to 255 characters, without control characters'
    expect(event(`{ type: '', source: ${'x'.repeat(256)} }`)).toEqual([`"type" ${length}`, `"source" ${length}`])
    expect(event('{}')).toEqual(['"event" has no "type"'])
    expect(event('3')).toEqual(['"event" must be a map, not the number 3'])
    expect(event('{ type: nightly, payload: 3 }')).toEqual(['"payload" must be a map, not the number 3'])
  })

  test('without patterns of branches, only the missing patterns are reported', () => {
    const text = `version: 1\nowner: acme\nbranches: []\nschedule: [{ cron: '0 0 1 1 *', run: DPTA-1 }]\njobs: { a: {} }\n`
    expect(problemsOf(text).filter((problem) => problem.includes('DPTA-1'))).toEqual([])
  })

  test('too many entries and a wrong list are reported with a way out', () => {
    const entries = Array.from({ length: 101 }, (_, index) => `{ cron: '0 0 1 1 *', run: DPTA-${index} }`)
    expect(hintsOf(`schedule: [${entries.join(', ')}]`)).toEqual([
      'put several times into one entry, such as 0 6,18 * * *',
    ])
    expect(hintsOf('schedule: daily')).toEqual([
      'write one line for each entry, such as - { cron: "0 6 * * 1-5", run: DPTA-1122 }',
    ])
  })
})
