import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Upload } from '../../../src/sandbox/artifacts/transfers.js'
import type { JobAccess } from '../../../src/sandbox/executor.js'
import type { ApiWorld, JsonAnswer } from '../api/world.js'
import { at, createApiWorld, HeldExecutor } from '../api/world.js'

interface Scene extends ApiWorld {
  access: JobAccess
  /** Another job of the same attempt. */
  other: JobAccess
  /** Calls the results service as a job; the IDs of the job are added. */
  results(method: string, body?: Record<string, unknown>, access?: JobAccess): Promise<JsonAnswer>
}

function idsOf({ runtimeToken }: JobAccess): Record<string, string> {
  const claims = JSON.parse(Buffer.from(runtimeToken.split('.')[1] ?? '', 'base64url').toString()) as { scp: string }
  const [, run = '', job = ''] = claims.scp.split(':')
  return { workflow_run_backend_id: run, workflow_job_run_backend_id: job }
}

async function scene(): Promise<Scene> {
  const executor = new HeldExecutor()
  const world = await createApiWorld({ executor })
  await world.call('POST', '/repos/acme/lib/actions/workflows/build.yml/dispatches', { ref: 'main' })
  const [run] = world.sandbox.admin.runs('acme/lib')
  const execution = await executor.of(run?.id ?? 0)
  const access = execution.openJob()
  return {
    ...world,
    access,
    other: execution.openJob(),
    results: (method, body = {}, by = access) => {
      const path = `/twirp/github.actions.results.api.v1.ArtifactService/${method}`
      return world.json('POST', path, { ...idsOf(by), ...body }, { token: by.runtimeToken })
    },
  }
}

async function create(world: Scene, name: string): Promise<string> {
  const { body, status } = await world.results('CreateArtifact', { name, version: 7 })
  expect(status).toBe(200)
  return String(at(body, 'signed_upload_url'))
}

function put({ sandbox }: ApiWorld, url: string, content: string): Promise<Response> {
  return sandbox.fetch(new Request(url, { method: 'PUT', body: content }))
}

const hashOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`

describe('the results service', () => {
  test('an artifact is created, uploaded in blocks, finalized, listed, downloaded and deleted', async () => {
    const world = await scene()
    const url = await create(world, 'dist')
    for (const [id, text] of [
      ['Yg==', 'second'],
      ['YQ==', 'first '],
    ]) {
      expect((await put(world, `${url}?comp=block&blockid=${encodeURIComponent(id ?? '')}`, text ?? '')).status).toBe(
        201,
      )
    }
    const list = '<BlockList><Latest>YQ==</Latest><Latest>Yg==</Latest></BlockList>'
    expect((await put(world, `${url}?comp=blocklist`, list)).status).toBe(201)
    const content = 'first second'
    const finalized = await world.results('FinalizeArtifact', { name: 'dist', size: '12', hash: hashOf(content) })
    const id = at(finalized.body, 'artifact_id')
    const shown = await world.results('ListArtifacts', { name_filter: 'dist' }, world.other)
    expect(at(shown.body, 'artifacts', 0)).toMatchObject({ database_id: id, name: 'dist', size: '12' })
    const signed = await world.results('GetSignedArtifactURL', { name: 'dist' })
    const download = await world.sandbox.fetch(String(at(signed.body, 'signed_url')))
    expect(await download.text()).toBe(content)
    expect(at((await world.results('DeleteArtifact', { name: 'dist' })).body, 'artifact_id')).toBe(id)
    expect(at((await world.results('ListArtifacts')).body, 'artifacts')).toEqual([])
  })

  test('a name that is taken is refused with 409, also while its upload is not finished', async () => {
    const world = await scene()
    await create(world, 'dist')
    const { status, body } = await world.results('CreateArtifact', { name: 'dist' }, world.other)
    expect([status, body]).toEqual([
      409,
      { code: 'already_exists', msg: 'an artifact with this name already exists on the workflow run' },
    ])
  })

  test.each<[string, string, Record<string, unknown>, number]>([
    ['a name that leads out of a folder', 'CreateArtifact', { name: '../x' }, 400],
    ['an expiry that is not a time', 'CreateArtifact', { name: 'x', expires_at: 'soon' }, 400],
    ['the id of another run', 'CreateArtifact', { name: 'x', workflow_run_backend_id: 'other' }, 403],
    ['an artifact that was not created', 'FinalizeArtifact', { name: 'x', size: '0' }, 404],
    ['an unknown artifact', 'GetSignedArtifactURL', { name: 'x' }, 404],
    ['an unknown method', 'MigrateArtifact', {}, 404],
  ])('a call with %s is refused', async (_, method, body, status) => {
    const world = await scene()
    expect((await world.results(method, body)).status).toBe(status)
  })

  test('an artifact without content, or with other content than its hash says, is not finalized', async () => {
    const world = await scene()
    const url = await create(world, 'dist')
    expect((await world.results('FinalizeArtifact', { name: 'dist', size: '0' })).status).toBe(400)
    await put(world, url, 'content')
    expect((await world.results('FinalizeArtifact', { name: 'dist', size: '8' })).status).toBe(400)
    const wrong = { name: 'dist', size: '7', hash: hashOf('other') }
    expect((await world.results('FinalizeArtifact', wrong)).status).toBe(400)
    expect((await world.results('FinalizeArtifact', { ...wrong, hash: hashOf('content') })).status).toBe(200)
  })

  test('a list of blocks with an unknown one, or an unknown part of an upload, is refused', async () => {
    const world = await scene()
    const url = await create(world, 'dist')
    expect((await put(world, `${url}?comp=blocklist`, '<BlockList><Latest>eA==</Latest></BlockList>')).status).toBe(400)
    expect((await put(world, `${url}?comp=block`, 'x')).status).toBe(400)
    expect((await put(world, `${url}?comp=page`, 'x')).status).toBe(400)
    expect((await put(world, `${url}x`, 'x')).status).toBe(403)
  })

  test('an upload takes blocks up to its limit, and a block that is sent again counts once', () => {
    const upload = new Upload(0, 10)
    const block = (length: number): Uint8Array => new Uint8Array(length)
    expect([upload.addBlock('a', block(6)), upload.addBlock('a', block(6)), upload.addBlock('b', block(4))]).toEqual([
      true,
      true,
      true,
    ])
    expect(upload.addBlock('c', block(1))).toBe(false)
    expect(upload.commit(['a', 'b'])).toBe(true)
    expect(upload.content).toHaveLength(10)
  })

  test('the tokens of a job and its unfinished uploads end with the job', async () => {
    const world = await scene()
    const url = await create(world, 'dist')
    const { token } = world.access
    const runs = '/repos/acme/lib/actions/runs'
    expect((await world.call('GET', runs, undefined, { token })).status).toBe(200)
    world.access.close()
    expect((await put(world, url, 'late')).status).toBe(403)
    expect((await world.results('ListArtifacts')).status).toBe(401)
    expect((await world.call('GET', runs, undefined, { token })).status).toBe(401)
    expect((await world.results('CreateArtifact', { name: 'dist' }, world.other)).status).toBe(200)
  })

  test('the token of a job reads its own repository and writes nowhere', async () => {
    const world = await scene()
    await world.sandbox.admin.createRepository('acme/secret', { private: true })
    const { token } = world.access
    expect((await world.call('GET', '/repos/acme/lib/actions/runs', undefined, { token })).status).toBe(200)
    expect((await world.call('GET', '/repos/acme/secret', undefined, { token })).status).toBe(404)
    const dispatch = '/repos/acme/lib/actions/workflows/build.yml/dispatches'
    expect((await world.call('POST', dispatch, { ref: 'main' }, { token })).status).toBe(403)
  })
})
