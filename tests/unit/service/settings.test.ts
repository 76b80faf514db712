import { describe, expect, test } from 'vitest'
import { readServiceSettings, readWorkerSettings } from '../../../src/service/settings.js'

const env = { ORCH_WEBHOOK_SECRET: 'a-secret' }

function messagesOf(result: ReturnType<typeof readServiceSettings>): string[] {
  return result.ok ? [] : result.problems.map(({ message }) => message)
}

describe('the settings of the service', () => {
  test('without flags it listens on 127.0.0.1:7345 with two workers and the embedded database', () => {
    const result = readServiceSettings(env, {})
    expect(result).toEqual({
      ok: true,
      value: {
        port: 7345,
        host: '127.0.0.1',
        databaseUrl: null,
        workers: 2,
        capacity: 100,
        webhookSecrets: ['a-secret'],
        apiToken: null,
        hmacSecret: null,
        slackSigningSecret: null,
        eventsPerMinute: 6_000,
        publicUrl: null,
      },
    })
  })

  test('several webhook secrets are separated by commas, and the one of the App is added', () => {
    const result = readServiceSettings({ ORCH_WEBHOOK_SECRET: 'new, old,' }, {}, { webhookSecret: 'of-the-app' })
    expect(result).toMatchObject({ ok: true, value: { webhookSecrets: ['new', 'old', 'of-the-app'] } })
  })

  test('without a webhook secret only the sandbox starts', () => {
    expect(messagesOf(readServiceSettings({}, {}))).toEqual(['there is no webhook secret'])
    expect(readServiceSettings({}, { sandbox: true }).ok).toBe(true)
  })

  test('DATABASE_URL names the database, and --database comes first', () => {
    const both = { ...env, DATABASE_URL: 'postgres://one/a' }
    expect(readServiceSettings(both, {})).toMatchObject({ value: { databaseUrl: 'postgres://one/a' } })
    const named = readServiceSettings(both, { database: 'postgresql://two/b' })
    expect(named).toMatchObject({ value: { databaseUrl: 'postgresql://two/b' } })
  })

  test('every mistake is reported at once, and no message holds a password', () => {
    const flags = { port: '70000', workers: 'many', capacity: '0', database: 'mysql://me:hunter2@host/db' }
    const wrong = { ORCH_API_TOKEN: 'short', ORCH_HMAC_SECRET: 'brief', ORCH_EVENTS_PER_MINUTE: '0' }
    const result = readServiceSettings(wrong, flags)
    expect(messagesOf(result)).toEqual([
      '--database is not the URL of a PostgreSQL',
      'there is no webhook secret',
      'ORCH_API_TOKEN has fewer than 16 characters',
      'ORCH_HMAC_SECRET has fewer than 16 characters',
      '--port 70000 is not valid',
      '--workers many is not valid',
      '--capacity 0 is not valid',
      'ORCH_EVENTS_PER_MINUTE 0 is not valid',
    ])
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })
})

describe('the settings of a worker', () => {
  const url = 'postgres://orch@db/orch'

  test('a worker needs a PostgreSQL, from the flag or from DATABASE_URL, and no webhook secret', () => {
    const expected = { ok: true, value: { databaseUrl: url, workers: 2, capacity: 100, publicUrl: null } }
    expect(readWorkerSettings({}, { database: url })).toEqual(expected)
    expect(readWorkerSettings({ DATABASE_URL: url }, {})).toEqual(expected)
    const missing = readWorkerSettings({}, {})
    expect(missing.ok ? [] : missing.problems).toMatchObject([
      { kind: 'usage', message: 'there is no PostgreSQL to work on' },
    ])
  })

  test('the statuses of a worker link to the same pages as those of the service', () => {
    const variables = { DATABASE_URL: url, ORCH_PUBLIC_URL: 'https://orch.example.com/' }
    expect(readWorkerSettings(variables, {})).toMatchObject({ value: { publicUrl: 'https://orch.example.com' } })
  })

  test('every mistake is reported at once, and none of them shows a password', () => {
    const result = readWorkerSettings({}, { database: 'postgres://orch:%zz@db/orch', workers: '0', capacity: 'many' })
    const problems = result.ok ? [] : result.problems
    expect(problems.map(({ message }) => message)).toEqual([
      '--database is not the URL of a PostgreSQL',
      '--workers 0 is not valid',
      '--capacity many is not valid',
    ])
    expect(JSON.stringify(problems)).not.toContain('%zz')
  })
})
