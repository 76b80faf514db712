import { expect, test } from 'vitest'
import { routeByOwner } from '../../../src/service/github-app/route-by-owner.js'
import type { GitHub } from '../../../src/github/github.js'

/** A host that answers for the repositories it is asked about, and notes what it was asked. */
function hostNamed(name: string, asked: string[]): GitHub {
  const note = (what: string): void => void asked.push(`${name}: ${what}`)
  const readings = (repos: readonly string[]): { repo: string; read: { ok: true; value: [] } }[] =>
    repos.map((repo) => ({ repo, read: { ok: true, value: [] } }))
  const host: Partial<GitHub> = {
    readChange: ({ repositories, branch }) => {
      note(`${branch} in ${repositories.map(({ repo }) => repo).join(', ')}`)
      return Promise.resolve(
        repositories.map(({ repo }) => ({ kind: 'unreadable', repo, failure: { kind: 'network', message: name } })),
      )
    },
    readPullRequests: ({ repositories }) => Promise.resolve(readings(repositories)),
    readEarlierStatuses: ({ repositories }) => Promise.resolve(readings(repositories.map(({ repo }) => repo))),
    login: (repo) => Promise.resolve({ ok: true, value: `${name} for ${repo}` }),
    nextReadingAt: () => (name === 'acme' ? 1 : 2),
    serverTime: () => (name === 'acme' ? null : 5),
  }
  return host as GitHub
}

function route(): { host: GitHub; asked: string[] } {
  const asked: string[] = []
  const hosts = new Map(['acme', 'lib-org'].map((name) => [name, hostNamed(name, asked)]))
  const host = routeByOwner({
    of: (owner) => {
      const found = hosts.get(owner.toLowerCase())
      if (!found) throw new Error(`no host for ${owner}`)
      return found
    },
    all: () => [...hosts.values()],
    app: {
      listHooks: ({ kind }) => Promise.resolve({ ok: true, value: [{ owner: { kind: 'app' }, id: null, url: kind }] }),
      listHookDeliveries: () => Promise.resolve({ ok: true, value: [] }),
      readHookPayload: () => Promise.resolve({ ok: true, value: null }),
    },
  })
  return { host, asked }
}

const mixed = ['acme/a', 'lib-org/b', 'Acme/c', 'lib-org/d', 'acme/e']

test('a change over several owners is read by one query for each, and the readings keep the order of the query', async () => {
  const { host, asked } = route()
  const repositories = mixed.map((repo) => ({ repo, workflows: [] }))

  const readings = await host.readChange({ branch: 'DPTA-1', statusContext: 'x', repositories })

  expect(readings.map(({ repo }) => repo)).toEqual(mixed)
  expect(asked).toEqual(['acme: DPTA-1 in acme/a, Acme/c, acme/e', 'lib-org: DPTA-1 in lib-org/b, lib-org/d'])
})

test('pull requests and earlier statuses of several owners keep the order of the query', async () => {
  const { host } = route()

  const pulls = await host.readPullRequests({ repositories: mixed, statusContext: 'x', matches: () => true })
  const repositories = mixed.map((repo) => ({ repo, known: [] }))
  const earlier = await host.readEarlierStatuses({ branch: 'b', statusContext: 'x', repositories })

  expect(pulls.map(({ repo }) => repo)).toEqual(mixed)
  expect(earlier.map(({ repo }) => repo)).toEqual(mixed)
})

test('what concerns one repository goes to the host of its owner', async () => {
  const { host } = route()

  expect(await host.login('Acme/a')).toEqual({ ok: true, value: 'acme for Acme/a' })
  expect(await host.login('lib-org/b')).toEqual({ ok: true, value: 'lib-org for lib-org/b' })
  const run = { runId: 1, since: 0, count: 0, seed: '', wasFound: true }
  expect([host.nextReadingAt({ ...run, repo: 'acme/a' }), host.nextReadingAt({ ...run, repo: 'lib-org/b' })]).toEqual([
    1, 2,
  ])
})

test('the time of GitHub is the latest that any of the hosts knows', () => {
  expect(route().host.serverTime()).toBe(5)
})

test('the webhook of the App itself is read as the App', async () => {
  const { host } = route()
  expect(await host.listHooks({ kind: 'app' })).toEqual({
    ok: true,
    value: [{ owner: { kind: 'app' }, id: null, url: 'app' }],
  })
})
