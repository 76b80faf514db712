import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createProcessExecutor } from '../../../src/sandbox/process-executor.js'
import { createSandbox } from '../../../src/sandbox/sandbox.js'
import { temporaryDirectory } from '../api/world.js'

const client = pathToFileURL(join(import.meta.dirname, '../../../node_modules/@actions/artifact/lib/artifact.js')).href

/** An action that uploads, lists, downloads and deletes artifacts with GitHub's own client. */
const program = `
const fs = require('node:fs')
// The client refuses each server that is not github.com, *.ghe.com or *.localhost.
process.env.GITHUB_SERVER_URL = 'http://sandbox.localhost'
void (async () => {
  const { DefaultArtifactClient, ArtifactNotFoundError } = await import('${client}')
  const artifacts = new DefaultArtifactClient()
  fs.mkdirSync('out/deep', { recursive: true })
  fs.writeFileSync('out/a.txt', 'first')
  // More than one block of an upload.
  fs.writeFileSync('out/deep/large.bin', require('node:crypto').randomBytes(9 * 1024 * 1024))
  const { id, size, digest } = await artifacts.uploadArtifact('dist', ['out/a.txt', 'out/deep/large.bin'], 'out', { retentionDays: 1 })
  const taken = await artifacts.uploadArtifact('dist', ['out/a.txt'], 'out').catch((error) => error.message)
  const listed = await artifacts.listArtifacts()
  await artifacts.downloadArtifact(id, { path: 'back' })
  const isSame = fs.readFileSync('back/deep/large.bin').equals(fs.readFileSync('out/deep/large.bin'))
  const [owner, repository] = process.env.GITHUB_REPOSITORY.split('/')
  const findBy = { token: process.env.INPUT_TOKEN, workflowRunId: Number(process.env.GITHUB_RUN_ID), repositoryOwner: owner, repositoryName: repository }
  const found = await artifacts.getArtifact('dist', { findBy })
  await artifacts.downloadArtifact(id, { path: 'again', findBy, expectedHash: 'sha256:' + digest })
  await artifacts.uploadArtifact('other', ['out/a.txt'], 'out')
  await artifacts.deleteArtifact('other')
  const missing = await artifacts.getArtifact('other').catch((error) => error instanceof ArtifactNotFoundError)
  console.log('RESULT ' + JSON.stringify({
    taken, isSame, missing, again: fs.readFileSync('again/a.txt', 'utf8'),
    listed: listed.artifacts.map((each) => [each.name, each.id === id, each.size === size, each.digest === 'sha256:' + digest]),
    found: [found.artifact.id === id, found.artifact.digest === 'sha256:' + digest],
  }))
})()
`

const workflow = `on: workflow_dispatch
jobs:
  build:
    runs-on: x
    steps:
      - uses: actions/checkout@v4
      - uses: ./action
        with: { token: '\${{ github.token }}' }
`

test("GitHub's own client library uploads, lists, downloads and deletes artifacts in a build of the sandbox", async () => {
  const directory = await temporaryDirectory()
  const executor = createProcessExecutor({ workDirectory: join(directory, 'work') })
  const sandbox = await createSandbox({ stateDirectory: join(directory, 'state'), executor })
  onTestFinished(() => sandbox.close())
  const { url } = await sandbox.listen()
  await sandbox.admin.createRepository('acme/lib')
  await sandbox.admin.commit('acme/lib', 'main', {
    '.github/workflows/build.yml': workflow,
    'action/action.yml': 'runs: { using: node24, main: index.cjs }\n',
    'action/index.cjs': program,
  })
  const headers = { authorization: `Bearer ${sandbox.token}` }
  const dispatch = `${url}/repos/acme/lib/actions/workflows/build.yml/dispatches`
  await fetch(dispatch, { method: 'POST', headers, body: JSON.stringify({ ref: 'main' }) })
  await sandbox.admin.idle()
  const [run] = sandbox.admin.runs('acme/lib')
  const attempt = run?.attempts.at(-1)
  const log = (sandbox.admin.log(attempt?.jobs[0]?.id ?? 0) ?? []).join('\n')
  expect(log).toContain('RESULT')
  expect(JSON.parse(/RESULT (.*)/u.exec(log)?.[1] ?? '')).toEqual({
    taken: expect.stringContaining(
      '(409) Conflict: an artifact with this name already exists on the workflow run',
    ) as string,
    isSame: true,
    missing: true,
    again: 'first',
    listed: [['dist', true, true, true]],
    found: [true, true],
  })
  expect(attempt?.conclusion).toBe('success')
}, 120_000)
