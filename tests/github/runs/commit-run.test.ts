import { expect, test } from 'vitest'
import { run, sha } from '../support/payloads.js'
import { json, notFound, ScriptedGitHub } from '../support/scripted-github.js'

const route = 'GET /repos/acme/lib/actions/runs/30433642'
const times = { created_at: '2026-11-21T08:00:00Z', updated_at: '2026-11-21T08:05:00Z' }

test('a run is read with its workflow file, its commit and its end', async () => {
  const server = new ScriptedGitHub().on(route, json(200, run({ path: '.github/workflows/build.yml', ...times })))

  expect(await server.github().readCommitRun('acme/lib', 30433642)).toEqual({
    ok: true,
    value: {
      runId: 30433642,
      url: 'https://github.com/acme/lib/actions/runs/30433642',
      workflow: 'build.yml',
      headSha: sha.head,
      status: 'completed',
      conclusion: 'success',
      createdAt: Date.parse(times.created_at),
      updatedAt: Date.parse(times.updated_at),
    },
  })
})

test.each([
  ['.github/workflows/build.yml@main', 'build.yml'],
  ['dynamic/pages/pages-build-deployment', ''],
  ['.github/workflows/deep/build.yml', ''],
])('a run with the path %s has the workflow "%s"', async (path, workflow) => {
  const server = new ScriptedGitHub().on(route, json(200, run({ path, ...times })))

  expect(await server.github().readCommitRun('acme/lib', 30433642)).toMatchObject({ value: { workflow } })
})

test('a run that does not exist is null, and an unreadable run is a failure', async () => {
  const absent = new ScriptedGitHub().on(route, notFound)
  const unreadable = new ScriptedGitHub().on(route, json(403, { message: 'Resource not accessible' }))
  const strange = new ScriptedGitHub().on(route, json(200, run({ path: '.github/workflows/build.yml' })))

  expect(await absent.github().readCommitRun('acme/lib', 30433642)).toEqual({ ok: true, value: null })
  expect(await unreadable.github().readCommitRun('acme/lib', 30433642)).toMatchObject({ ok: false })
  expect(await strange.github().readCommitRun('acme/lib', 30433642)).toMatchObject({ ok: false })
})
