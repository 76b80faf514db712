import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ZipFile } from 'yazl'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unpackHandoff } from '../../../src/action/handoff/unpack-handoff.js'

let workspace = ''

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'orch-handoff-'))
})

afterEach(() => rm(workspace, { recursive: true, force: true }))

/** The same for each file, so that the same files make the same archive. */
const mtime = new Date('2026-01-01')

async function zip(files: Record<string, string>): Promise<Buffer> {
  const archive = new ZipFile()
  for (const [name, content] of Object.entries(files)) archive.addBuffer(Buffer.from(content), name, { mtime })
  archive.end()
  const chunks: Buffer[] = []
  for await (const chunk of archive.outputStream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

interface Artifact {
  id: number
  files: Record<string, string>
  expired?: boolean
  digest?: string
}

/** Answers as GitHub does for the artifacts of runs. `before` may answer a request first. */
class Hub {
  readonly requests: { url: string; authorization: string | null }[] = []
  readonly #runs: Record<number, Artifact[]>
  readonly #before: (url: string) => Response | Error | null

  constructor(runs: Record<number, Artifact[]>, before: (url: string) => Response | Error | null = () => null) {
    this.#runs = runs
    this.#before = before
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input)
    this.requests.push({ url, authorization: new Headers(init?.headers).get('authorization') })
    const first = this.#before(url)
    if (first instanceof Error) throw first
    if (first !== null) return first
    const { pathname } = new URL(url)
    const run = /\/runs\/(\d+)\/artifacts$/u.exec(pathname)?.[1]
    if (run !== undefined) return Response.json({ artifacts: await this.#listed(Number(run)) })
    const id = /\/(\d+)\/?(?:zip)?$/u.exec(pathname)?.[1]
    if (pathname.endsWith('/zip')) {
      return new Response(null, { status: 302, headers: { location: `https://blobs.test/${id ?? ''}` } })
    }
    const artifact = Object.values(this.#runs)
      .flat()
      .find((each) => each.id === Number(id))
    return new Response(await zip(artifact?.files ?? {}))
  }

  #listed(run: number): Promise<unknown[]> {
    return Promise.all(
      (this.#runs[run] ?? []).map(async ({ id, files, expired = false, digest }) => {
        const sum = createHash('sha256')
          .update(await zip(files))
          .digest('hex')
        return { id, name: 'trigger-context', expired, digest: digest ?? `sha256:${sum}` }
      }),
    )
  }
}

const handed = (job: string, runId: number): object => ({
  job,
  repository: `acme/${job}`,
  run_id: runId,
  artifact: 'trigger-context',
})

function unpack(hub: Hub, runs: readonly object[] | string, job = '') {
  const handoff = typeof runs === 'string' ? runs : JSON.stringify(runs)
  const access = { apiUrl: 'https://api.test', token: 'secret-token', fetch: hub.fetch }
  return unpackHandoff({ handoff, job, workspace }, access)
}

async function unpacked(): Promise<Record<string, string>> {
  const folder = join(workspace, 'trigger-context')
  const files: Record<string, string> = {}
  for (const name of (await readdir(folder)).sort()) files[name] = await readFile(join(folder, name), 'utf8')
  return files
}

async function problemOf(hub: Hub, runs: readonly object[] | string): Promise<string> {
  const result = await unpack(hub, runs)
  expect(await readdir(workspace)).toEqual([])
  return result.ok ? 'none' : result.problem
}

describe('unpacking a handoff', () => {
  test('writes the files of the newest artifact of each run, and returns the payload', async () => {
    const hub = new Hub({
      1: [
        { id: 11, files: { payload: '{"old": 1}' } },
        { id: 12, files: { payload: '{"tag": "v1"}', 'notes.md': 'notes' } },
      ],
      2: [{ id: 21, files: { 'b.txt': 'b' } }],
    })
    const result = await unpack(hub, [handed('repoA', 1), handed('repoB', 2)])
    expect(result).toMatchObject({
      ok: true,
      value: { payload: '{"tag": "v1"}', names: ['payload', 'notes.md', 'b.txt'] },
    })
    expect(await unpacked()).toEqual({ payload: '{"tag": "v1"}', 'notes.md': 'notes', 'b.txt': 'b' })
  })

  test('the token goes to the API and to no other host', async () => {
    const hub = new Hub({ 1: [{ id: 11, files: { a: 'a' } }] })
    await unpack(hub, [handed('repoA', 1)])
    expect(hub.requests.map(({ url, authorization }) => [new URL(url).host, authorization])).toEqual([
      ['api.test', 'Bearer secret-token'],
      ['api.test', 'Bearer secret-token'],
      ['blobs.test', null],
    ])
  })

  test.each([
    ['an empty input', ''],
    ['an empty list', '[]'],
  ])('%s leaves an empty folder and no payload', async (_, input) => {
    expect(await unpack(new Hub({}), input)).toMatchObject({ ok: true, value: { payload: '', names: [] } })
    expect(await unpacked()).toEqual({})
  })

  test('files of the same name are refused, unless one job is chosen', async () => {
    const hub = new Hub({ 1: [{ id: 11, files: { payload: 'a' } }], 2: [{ id: 21, files: { payload: 'b' } }] })
    const runs = [handed('repoA', 1), handed('repoB', 2)]
    expect(await problemOf(hub, runs)).toBe(
      'with what repoB hands on, the context file "payload" is given twice; name one job with the input "job" to unpack each by itself',
    )
    expect(await unpack(hub, runs, 'repoB')).toMatchObject({ ok: true, value: { payload: 'b' } })
  })

  test('what lay in the folder before is removed, and a link of its name is not followed', async () => {
    const other = join(workspace, 'other')
    await mkdir(other)
    await writeFile(join(other, 'kept'), 'kept')
    await symlink(other, join(workspace, 'trigger-context'))
    await unpack(new Hub({ 1: [{ id: 11, files: { a: 'a' } }] }), [handed('repoA', 1)])
    expect(await unpacked()).toEqual({ a: 'a' })
    expect(await readdir(other)).toEqual(['kept'])
  })

  test.each<[string, Hub, string]>([
    ['the run has no artifact', new Hub({}), 'the run has no such artifact: did it upload one, and is it deleted?'],
    ['it has expired', new Hub({ 1: [{ id: 11, files: {}, expired: true }] }), 'it has expired: run the job again'],
    [
      'its content is another one',
      new Hub({ 1: [{ id: 11, files: { a: 'a' }, digest: 'sha256:0' }] }),
      'its content does not have the digest that GitHub names',
    ],
    [
      'the token may not read it',
      new Hub({}, () => new Response('{}', { status: 404 })),
      'GitHub answered HTTP 404: the token needs to read the Actions of that repository',
    ],
    [
      'the token is not valid',
      new Hub({}, () => new Response('{}', { status: 401 })),
      'GitHub does not accept the token',
    ],
    [
      'it is too large',
      new Hub({ 1: [{ id: 11, files: {} }] }, (url) =>
        url.includes('blobs.test') ? new Response(Buffer.alloc(13 * 1024 * 1024)) : null,
      ),
      'it is larger than 10 MiB',
    ],
    [
      'its address does not work',
      new Hub({ 1: [{ id: 11, files: {} }] }, (url) =>
        url.includes('blobs.test') ? new Response('', { status: 403 }) : null,
      ),
      'its download was answered with HTTP 403',
    ],
  ])('an artifact is refused where %s, and nothing is written', async (_, hub, why) => {
    expect(await problemOf(hub, [handed('repoA', 1)])).toBe(
      `the artifact trigger-context of repoA (run 1 of acme/repoA) cannot be read: ${why}`,
    )
  })

  test('if the second artifact is refused, nothing of the first one is written', async () => {
    const hub = new Hub({ 1: [{ id: 11, files: { a: 'a' } }], 2: [{ id: 21, files: { 'x/y': 'b' } }] })
    expect(await problemOf(hub, [handed('repoA', 1), handed('repoB', 2)])).toBe(
      'the artifact trigger-context of repoB is refused: "x/y" is not a valid name of a context file: it contains a path separator',
    )
  })

  test('a request is repeated after an error of the server or a lost connection, three times in all', async () => {
    let failures = 2
    const flaky = new Hub({ 1: [{ id: 11, files: { a: 'a' } }] }, () => {
      failures -= 1
      if (failures === 1) return new Response('', { status: 502 })
      return failures === 0 ? new TypeError('fetch failed') : null
    })
    expect((await unpack(flaky, [handed('repoA', 1)])).ok).toBe(true)
    await rm(join(workspace, 'trigger-context'), { recursive: true })
    const dead = new Hub({}, () => new TypeError('fetch failed'))
    expect(await problemOf(dead, [handed('repoA', 1)])).toBe('api.test did not answer: fetch failed')
    expect(dead.requests).toHaveLength(3)
  })

  test.each<[string, string, string]>([
    ['no JSON', '[{]', 'the input "handoff" is not valid JSON: line 1, column 3'],
    ['no list', '{}', 'the input "handoff" is not a list'],
    ['a repository that is a path', JSON.stringify([{ ...handed('a', 1), repository: '../x' }]), 'entry 0'],
    ['three names as the repository', JSON.stringify([{ ...handed('a', 1), repository: 'a/b/c' }]), 'entry 0'],
    ['a run id that is a text', JSON.stringify([handed('a', 1), { ...handed('b', 2), run_id: '2' }]), 'entry 1'],
    ['no artifact', JSON.stringify([{ ...handed('a', 1), artifact: '' }]), 'entry 0'],
    ['null', '[null]', 'entry 0'],
  ])('an input with %s is refused without a request', async (_, input, problem) => {
    const hub = new Hub({})
    expect(await problemOf(hub, input)).toContain(problem)
    expect(hub.requests).toEqual([])
  })
})
