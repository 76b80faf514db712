import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/service/database/database.js'
import type { HttpApp } from '../../src/service/http/http-app.js'
import { createDatabaseSessions } from '../../src/service/http/login/database-sessions.js'
import type { Sessions } from '../../src/service/http/login/sessions.js'
import { contractKinds, databaseKinds } from '../support/databases.js'
import type { DatabaseRoom } from '../support/databases.js'
import { apiToken, ask, asBrowser, origin, PagesWorld } from './pages-world.js'
import { createMemorySessions } from './support/memory-sessions.js'

const octocat = { kind: 'person', login: 'octocat' } as const
const administrator = { kind: 'administrator' } as const
const apiUrl = 'https://api.github.com'
const personToken = 'ghp_person'

/** What all sessions do. `expire` lets twelve hours pass. */
function describeSessions(open: () => { sessions: Sessions; expire: () => Promise<void> }): void {
  test('a session is read by its id with its caller and a form token of its own, until it is removed', async () => {
    const { sessions } = open()
    const [one, two] = [await sessions.create(octocat), await sessions.create(administrator)]
    const [first, second] = [await sessions.read(one.id), await sessions.read(two.id)]
    expect([first?.caller, second?.caller]).toEqual([octocat, administrator])
    expect(first?.formToken).toMatch(/^[\w-]{43}$/u)
    expect(new Set([one.id, two.id, first?.formToken, second?.formToken]).size).toBe(4)
    expect(await sessions.read(one.id)).toEqual(first)
    expect(await sessions.read(`${one.id}x`)).toBeNull()
    await sessions.remove(one.id)
    expect(await sessions.read(one.id)).toBeNull()
    expect(await sessions.read(two.id)).toEqual(second)
  })

  test('a session expires', async () => {
    const { sessions, expire } = open()
    const { id } = await sessions.create(octocat)
    await expire()
    expect(await sessions.read(id)).toBeNull()
  })
}

describe('the sessions in memory', () => {
  describeSessions(() => {
    let now = 0
    const expire = (): Promise<void> => Promise.resolve(void (now += 12 * 3_600_000))
    return { sessions: createMemorySessions({ now: () => now }), expire }
  })
})

for (const { name, missing } of databaseKinds) {
  if (missing !== null) process.stderr.write(`SKIPPED: the sessions in the database ${name}: ${missing}\n`)
}

describe.each(contractKinds.filter(({ missing }) => missing === null))('the sessions in the database $name', (kind) => {
  let room: DatabaseRoom
  let database: Database

  beforeAll(async () => {
    room = await kind.open()
    database = await room.create()
  }, 120_000)

  afterAll(() => room.close())

  beforeEach(() => database.query('DELETE FROM orch.sessions'))

  const sessionsOf = (token: string | null = apiToken, url = apiUrl): Sessions =>
    createDatabaseSessions({ database, apiToken: token, apiUrl: url })
  const age = async (ms: number): Promise<void> => {
    await database.query('UPDATE orch.sessions SET expires_at = expires_at - $1', [ms])
  }
  const count = async (): Promise<number> => (await database.query('SELECT 1 FROM orch.sessions')).length

  describeSessions(() => ({ sessions: sessionsOf(), expire: () => age(12 * 3_600_000) }))

  test('the sessions of the administrator end when ORCH_API_TOKEN changes or is removed, and those of people stay', async () => {
    const before = sessionsOf()
    const [admin, person] = [await before.create(administrator), await before.create(octocat)]
    for (const token of ['another token of the administrator', null]) {
      expect(await sessionsOf(token).read(admin.id)).toBeNull()
      expect((await sessionsOf(token).read(person.id))?.caller).toEqual(octocat)
    }
    expect((await sessionsOf().read(admin.id))?.caller).toEqual(administrator)
  })

  test('every session ends when the service asks another GitHub', async () => {
    const before = sessionsOf()
    const ids = [await before.create(administrator), await before.create(octocat)]
    const after = sessionsOf(apiToken, 'https://ghes.example.com/api/v3')
    for (const { id } of ids) expect(await after.read(id)).toBeNull()
  })

  test('who can write the database cannot turn a session of a person into one of the administrator', async () => {
    const sessions = sessionsOf()
    const { id } = await sessions.create(octocat)
    await database.query('UPDATE orch.sessions SET login = NULL')
    expect(await sessions.read(id)).toBeNull()
  })

  test('a new session removes the expired ones, and the oldest beyond 10,000', async () => {
    const sessions = sessionsOf()
    await sessions.create(octocat)
    await age(12 * 3_600_000)
    const { id } = await sessions.create(octocat)
    expect(await count()).toBe(1)
    await database.query(
      `INSERT INTO orch.sessions SELECT 'hash' || n, 'octocat', '', 4000000000000 FROM generate_series(1, 10000) AS n`,
    )
    await sessions.create(octocat)
    expect(await count()).toBe(10_000)
    expect(await sessions.read(id)).toBeNull()
  })

  describe('two replicas', () => {
    let world: PagesWorld
    let replicas: [HttpApp, HttpApp]

    beforeEach(() => {
      world = new PagesWorld()
      world.identities.add(personToken, 'octocat', 'write')
      replicas = [world.app({ sessions: sessionsOf() }), world.app({ sessions: sessionsOf() })]
    })

    /** Logs in at the first replica; returns the cookie. */
    async function logIn(token: string): Promise<string> {
      const response = await ask(replicas[0], '/login', { form: { token }, headers: { ...asBrowser, origin } })
      expect(response.status).toBe(303)
      return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    }

    const formTokenOf = async (page: Response): Promise<string> =>
      /name="form-token" value="([^"]+)"/u.exec(await page.text())?.[1] ?? ''

    test('a person who logged in at one uses pages and forms of the other, and logs out at either', async () => {
      const cookie = await logIn(personToken)
      const headers = { ...asBrowser, cookie, origin }
      const formToken = await formTokenOf(await ask(replicas[0], '/nothing', { headers }))
      const form = { 'form-token': formToken }
      expect((await ask(replicas[1], '/changes/DPTA-1/run', { headers, form })).status).toBe(303)
      expect(world.done).toEqual(['run DPTA-1 by @octocat'])
      expect((await ask(replicas[1], '/logout', { headers, form })).status).toBe(303)
      expect((await ask(replicas[0], '/workloads', { headers })).status).toBe(401)
    })

    test('the database holds no token, no id of a session and no form token', async () => {
      const cookies = [await logIn(personToken), await logIn(apiToken)]
      const secrets = [personToken, apiToken]
      for (const cookie of cookies) {
        const page = await ask(replicas[1], '/nothing', { headers: { ...asBrowser, cookie } })
        secrets.push(cookie.slice(cookie.indexOf('=') + 1), await formTokenOf(page))
      }
      expect(secrets.every((secret) => secret.length > 8)).toBe(true)
      const rows = JSON.stringify(await database.query('SELECT * FROM orch.sessions'))
      expect(secrets.filter((secret) => rows.includes(secret))).toEqual([])
      expect(rows).toContain('octocat')
    })
  })
})
