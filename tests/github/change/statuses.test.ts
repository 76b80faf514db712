import { expect, test } from 'vitest'
import type { StatusPost } from '../../../src/ports/host/statuses.js'
import { sha, status } from '../support/payloads.js'
import { SteppedClock } from '../support/stepped-clock.js'
import { broken, json, notFound, pages, ScriptedGitHub } from '../support/scripted-github.js'

const route = `POST /repos/acme/lib/statuses/${sha.head}`
const listing = `GET /repos/acme/lib/commits/${sha.head}/statuses`
const post: StatusPost = {
  repo: 'acme/lib',
  headSha: sha.head,
  context: 'orchestrator-build',
  state: 'pending',
  description: 'run:0123456789ab',
  targetUrl: 'https://example.com/run',
}
const paced = { urgent: false }
const yes = (): Promise<boolean> => Promise.resolve(true)

test('a status is posted with its context, description and link', async () => {
  const server = new ScriptedGitHub().on(route, json(201, status({ id: 5 })))

  expect(await server.github().postStatus(post, paced, yes)).toMatchObject({ kind: 'posted', status: { id: 5 } })
  expect(server.requests.map(({ body }) => body)).toEqual([
    {
      state: 'pending',
      context: 'orchestrator-build',
      description: 'run:0123456789ab',
      target_url: 'https://example.com/run',
    },
  ])
})

test('a status without a link is posted without one', async () => {
  const server = new ScriptedGitHub().on(route, json(201, status()))

  await server.github().postStatus({ ...post, targetUrl: '' }, paced, yes)

  expect(server.requests[0]?.body).not.toHaveProperty('target_url')
})

test('a post that fails for a transient reason calls beforeSend again and is sent again', async () => {
  const server = new ScriptedGitHub().on(route, broken('ECONNRESET'), json(502, { message: 'x' }), json(201, status()))
  let asked = 0
  const beforeSend = (): Promise<boolean> => {
    asked += 1
    return Promise.resolve(true)
  }

  expect(await server.clock.until(server.github().postStatus(post, paced, beforeSend))).toMatchObject({
    kind: 'posted',
  })
  expect(asked).toBe(3)
})

test('a post with a single try is not sent again, and its failure says how long GitHub asks to wait', async () => {
  const server = new ScriptedGitHub().on(
    route,
    json(503, { message: 'x' }, { 'retry-after': '45' }),
    json(201, status()),
  )

  expect(await server.clock.until(server.github().postStatus(post, { ...paced, maxTries: 1 }, yes))).toMatchObject({
    kind: 'failed',
    failure: { kind: 'server-error' },
    retryAfterMs: 45_000,
  })
  expect(server.requests).toHaveLength(1)
})

test('a post with seven tries is sent again for a minute', async () => {
  const failures = Array.from({ length: 6 }, () => json(502, { message: 'x' }))
  const server = new ScriptedGitHub().on(route, ...failures, json(201, status()))

  expect(await server.clock.until(server.github().postStatus(post, { ...paced, maxTries: 7 }, yes))).toMatchObject({
    kind: 'posted',
  })
  expect(server.requests).toHaveLength(7)
})

test('a post that beforeSend refuses is withheld', async () => {
  const server = new ScriptedGitHub().on(route, json(201, status()))

  expect(await server.github().postStatus(post, paced, () => Promise.resolve(false))).toEqual({ kind: 'withheld' })
  expect(server.requests).toEqual([])
})

test('a post that broke and may not be sent again fails with the reason why it broke', async () => {
  const server = new ScriptedGitHub().on(route, broken('ECONNRESET'))
  const leaves = [true, false]
  const beforeSend = (): Promise<boolean> => Promise.resolve(leaves.shift() ?? false)

  expect(await server.clock.until(server.github().postStatus(post, paced, beforeSend))).toMatchObject({
    kind: 'failed',
    failure: { kind: 'network', message: 'the connection to api.github.com broke (ECONNRESET)' },
  })
  expect(server.requests).toHaveLength(1)
})

test('a post is not sent when the journal cannot be written, and rejects with the error of the journal', async () => {
  const server = new ScriptedGitHub().on(route, json(201, status()))
  const full = new Error('ENOSPC')

  await expect(server.github().postStatus(post, paced, () => Promise.reject(full))).rejects.toBe(full)
  expect(server.requests).toEqual([])
})

test('an urgent post does not wait for its turn, and another post does', async () => {
  const server = new ScriptedGitHub().on(route, json(201, status()))
  const clock = new SteppedClock()
  const github = server.github({ clock, keepsLimits: true })
  await Promise.all(Array.from({ length: 20 }, () => github.postStatus(post, paced, yes)))

  const waiting = github.postStatus({ ...post, description: 'waiting' }, paced, yes)
  const urgent = await github.postStatus({ ...post, description: 'urgent' }, { urgent: true }, yes)

  const descriptions = (): string[] =>
    server.requests.slice(20).map(({ body }) => (body as { description: string }).description)
  expect(urgent).toMatchObject({ kind: 'posted' })
  expect(descriptions()).toEqual(['urgent'])
  clock.step(2000)
  expect(await waiting).toMatchObject({ kind: 'posted' })
})

test("the failure of a refused status contains GitHub's message", async () => {
  const server = new ScriptedGitHub().on(
    route,
    json(422, {
      message: 'Validation Failed',
      errors: [{ resource: 'Status', code: 'custom', message: 'description is too long (maximum is 140 characters)' }],
    }),
  )

  expect(await server.github().postStatus(post, paced, yes)).toMatchObject({
    kind: 'failed',
    failure: {
      kind: 'invalid-request',
      httpStatus: 422,
      message:
        'GitHub refused to post commit statuses in acme/lib: Validation Failed; description is too long (maximum is 140 characters)',
    },
  })
})

test('the failure of a post to an unknown commit, or with a token that may not post, names the permission', async () => {
  const server = new ScriptedGitHub().on(route, notFound)

  expect(await server.github().postStatus(post, paced, yes)).toMatchObject({
    failure: { kind: 'not-found', remedy: expect.stringContaining('Commit statuses: write on acme/lib') as string },
  })
})

const history = [
  status({ id: 90 }),
  status({ id: 80, context: 'ci' }),
  status({ id: 70, context: 'ORCHESTRATOR-BUILD' }),
  status({ id: 60 }),
  status({ id: 50, context: 'ci' }),
  status({ id: 40 }),
]

test.each<[string, object, number[]]>([
  ['all of them', {}, [90, 70, 60, 40]],
  ['the newest', { newestOnly: true }, [90]],
  ['those down to a given one, with the rest of its page', { downTo: 60 }, [90, 70, 60, 40]],
])('the history of a context returns %s, newest first', async (_what, query, ids) => {
  const server = new ScriptedGitHub().on(listing, pages(history))

  const read = await server
    .github()
    .listStatuses({ repo: 'acme/lib', headSha: sha.head, context: 'orchestrator-build', ...query })

  expect(read).toMatchObject({ ok: true, value: ids.map((id) => ({ id })) })
})

test('only the necessary pages of the history are read', async () => {
  const time = (index: number): number => Date.UTC(2026, 10, 21, 9) - index * 1_000
  const long = Array.from({ length: 350 }, (_, index) =>
    status({ id: 1000 - index, created_at: new Date(time(index)).toISOString() }),
  )
  const server = new ScriptedGitHub().on(listing, pages(long))
  const query = { repo: 'acme/lib', headSha: sha.head, context: 'orchestrator-build' }

  const some = await server.github().listStatuses({ ...query, downTo: time(150) })
  const pagesForSome = server.requests.length
  const all = await server.github().listStatuses(query)

  expect(some.ok && some.value.length).toBe(200)
  expect(pagesForSome).toBe(2)
  expect(all.ok && all.value.length).toBe(350)
})

test('the history of a commit without statuses of the context is empty', async () => {
  const server = new ScriptedGitHub().on(listing, pages([]))
  const query = { repo: 'acme/lib', headSha: sha.head, context: 'x' }

  expect(await server.github().listStatuses(query)).toEqual({ ok: true, value: [] })
  expect(await server.github().listStatuses({ ...query, newestOnly: true })).toEqual({ ok: true, value: [] })
})

test('a status with an unknown state is a failure', async () => {
  const server = new ScriptedGitHub().on(listing, pages([status({ state: 'splendid' })]))

  expect(
    await server.github().listStatuses({ repo: 'acme/lib', headSha: sha.head, context: 'orchestrator-build' }),
  ).toMatchObject({ ok: false, failure: { kind: 'unexpected-answer' } })
})

test('a status of a deleted user without a description is read with empty fields', async () => {
  const bare = status({ creator: null, description: null, target_url: null })
  const server = new ScriptedGitHub().on(listing, pages([bare]))

  expect(
    await server.github().listStatuses({ repo: 'acme/lib', headSha: sha.head, context: 'orchestrator-build' }),
  ).toMatchObject({ value: [{ creator: '', description: '', targetUrl: '' }] })
})
