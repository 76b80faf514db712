import { expect, test } from 'vitest'
import { json, notFound, redirect, ScriptedGitHub, type Reply } from '../support/scripted-github.js'

const route = 'GET /repos/acme/docs'
const repository = { full_name: 'acme/docs', archived: false, default_branch: 'trunk' }
const readOnly = { ...repository, permissions: { pull: true, push: false } }

function check(server: ScriptedGitHub): Promise<unknown> {
  return server.clock.until(server.github().checkEventTarget('acme/docs'))
}

test.each<[string, unknown]>([
  ['a user who may write', { ...repository, permissions: { pull: true, push: true } }],
  ['a token for which GitHub answers without permissions', repository],
  ['a token for which GitHub denies every permission', { ...repository, permissions: { pull: false, push: false } }],
])('a repository can receive events of %s', async (_name, body) => {
  expect(await check(new ScriptedGitHub().on(route, json(200, body)))).toEqual({
    ok: true,
    value: { defaultBranch: 'trunk' },
  })
})

test.each<[string, string, boolean]>([
  ['of a person', 'octocat', false],
  ['of an installation, for which GitHub never reports push', 'orch[bot]', true],
])('a repository that GitHub reports as read-only to a token %s', async (_name, login, ok) => {
  const server = new ScriptedGitHub().on(route, json(200, readOnly)).on('GET /user', json(200, { login }))
  expect(await check(server)).toMatchObject(
    ok ? { ok } : { ok, failure: { kind: 'forbidden', permission: 'contents=write', repo: 'acme/docs' } },
  )
})

test.each<[string, Reply, string]>([
  ['archived', json(200, { ...repository, archived: true }), 'archived'],
  ['absent', notFound, 'not-found'],
  ['elsewhere', redirect(301, 'https://evil.example.com/'), 'unexpected-answer'],
])('a repository that is %s cannot receive events', async (_name, reply, kind) => {
  expect(await check(new ScriptedGitHub().on(route, reply))).toMatchObject({ ok: false, failure: { kind } })
})

test('only enabled workflows with a file on the default branch are read', async () => {
  const workflows = [
    { path: '.github/workflows/b.yml', state: 'active' },
    { path: '.github/workflows/off.yml', state: 'disabled_manually' },
    { path: 'dynamic/dependabot/dependabot-updates', state: 'active' },
    { path: '.github/workflows/gone.yml', state: 'active' },
    { path: '.github/workflows/a.yml', state: 'active' },
  ]
  const file = (name: string): string => `GET /repos/acme/docs/contents/.github/workflows/${name}`
  const server = new ScriptedGitHub()
    .on('GET /repos/acme/docs/actions/workflows', json(200, { total_count: 5, workflows }))
    .on(file('a.yml'), json(200, 'on: push'))
    .on(file('b.yml'), json(200, 'on: repository_dispatch'))
    .on(file('gone.yml'), notFound)
  expect(await server.clock.until(server.github().readEnabledWorkflows('acme/docs'))).toEqual({
    ok: true,
    value: [
      { workflow: 'a.yml', text: 'on: push' },
      { workflow: 'b.yml', text: 'on: repository_dispatch' },
    ],
  })
})
