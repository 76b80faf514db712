import { execFileSync } from 'node:child_process'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findOrchestration } from '../../../src/app/history/find-orchestration.js'
import { readHistory } from '../../../src/app/history/read-history.js'
import { createFileStore } from '../../../src/store/file-store.js'
import type { StoreProcesses } from '../../../src/store/processes.js'
import { createSchemaCheck } from '../../report/support/schemas.js'
import { Scene } from '../../support/scene.js'

/** A scene in which repoB was built once. */
async function builtOnce(conclusion: 'success' | 'failure' = 'success'): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  if (conclusion === 'failure') scene.builds.script('acme/repoB').concludes('failure', { log: ['not ok 1'] })
  await scene.orch('run DPTA-1')
  scene.sandbox.requests.length = 0
  return scene
}

function idOf(path: string): string {
  return /([^/]+)\.jsonl$/u.exec(path)?.[1] ?? ''
}

/** Removes the last lines, as if the process had died before it wrote them. */
async function forgetFrom(scene: Scene, type: string): Promise<string> {
  const { path, text } = await scene.journal()
  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.includes(`"type":"${type}"`))
  if (at < 0) throw new Error(`no event ${type}`)
  await writeFile(path, `${lines.slice(0, at).join('\n')}\n`)
  return idOf(path)
}

async function place(scene: Scene, id: string, text: string): Promise<string> {
  const folder = join(scene.directory, '.orch', 'orchestrations')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${id}.jsonl`), text)
  return join(folder, `${id}.jsonl`)
}

/** The context of the commands in a scene, but without a token and with these processes alive. */
function readScene(scene: Scene, alive: readonly number[]): ReturnType<typeof readHistory> {
  const processes: StoreProcesses = {
    pid: 1,
    isAlive: (pid) => alive.includes(pid),
    interrupt: () => 'refused',
  }
  return readHistory(createFileStore({ stateDirectory: join(scene.directory, '.orch'), processes, clock: scene.clock }))
}

const noToken = { env: { GH_ENTERPRISE_TOKEN: '' } }

describe('orch list', () => {
  test('orch list without any orchestration says so and exits 0', async () => {
    await using scene = await Scene.open()
    expect(await scene.orch('list', noToken)).toMatchObject({
      code: 0,
      stdout: 'There are no orchestrations here; orch run starts one.\n',
      stderr: '',
    })
    const { stdout } = await scene.orch('list --json', noToken)
    expect(JSON.parse(stdout)).toEqual({ version: 2, orchestrations: [] })
    expect(await scene.files()).toEqual([])
  })

  test('orch list shows each orchestration, newest first, without a token and without a request to GitHub', async () => {
    await using scene = await builtOnce()
    await scene.change('repoE', 'DPTA-2')
    scene.builds.script('acme/repoE').concludes('failure')
    await scene.orch('run DPTA-2')
    scene.sandbox.requests.length = 0
    const { code, stdout, stderr } = await scene.orch('list', noToken)
    const [head = '', detail = '', older = '', olderDetail = ''] = stdout.split('\n')
    expect(head).toMatch(/^✖ [0-9a-z]{16} {2}DPTA-2 {2}failed {5}\d+s ago {2,}\d+s$/u)
    expect(detail).toMatch(/^ {4}5 jobs: 1 failed, 4 skipped; .*repoE/u)
    expect(older).toMatch(/^✔ [0-9a-z]{16} {2}DPTA-1 {2}succeeded {2}\d+[sm] ago {2,}\d+s$/u)
    expect(olderDetail).toMatch(/^ {4}5 jobs: 1 succeeded, 4 skipped; /u)
    expect({ code, stderr, requests: scene.sandbox.requests }).toEqual({ code: 0, stderr: '', requests: [] })
    const document: unknown = JSON.parse((await scene.orch('list --json', noToken)).stdout)
    expect(createSchemaCheck('list')(document)).toEqual([])
    expect(document).toMatchObject({ orchestrations: [{ branch: 'DPTA-2' }, { branch: 'DPTA-1' }] })
  })

  test('orch list shows only those of a branch or state, and at most as many as are wanted', async () => {
    await using scene = await builtOnce()
    await scene.change('repoE', 'DPTA-2')
    scene.builds.script('acme/repoE').concludes('failure')
    await scene.orch('run DPTA-2')
    await scene.orch('run DPTA-2 --new')
    const branches = async (flags: string): Promise<unknown[]> => {
      const { stdout } = await scene.orch(`list --json ${flags}`)
      return (JSON.parse(stdout) as { orchestrations: { branch: string }[] }).orchestrations.map(({ branch }) => branch)
    }
    expect(await branches('')).toEqual(['DPTA-2', 'DPTA-2', 'DPTA-1'])
    expect(await branches('--branch DPTA-1')).toEqual(['DPTA-1'])
    expect(await branches('--state failed --limit 1')).toEqual(['DPTA-2'])
    expect(await branches('--state succeeded')).toEqual(['DPTA-2', 'DPTA-1'])
    expect(await branches('--state running')).toEqual([])
    expect(await branches('-L 2')).toEqual(['DPTA-2', 'DPTA-2'])
    expect((await scene.orch('list --state green')).code).toBe(2)
    expect((await scene.orch('list --limit 0')).code).toBe(2)
  })

  test('orch list distinguishes a running orchestration from an abandoned one', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    expect((await scene.orch('list')).stdout).toMatch(/^● \S+ {2}DPTA-1 {2}running/u)
    expect(await readScene(scene, [process.pid])).toMatchObject([{ state: 'running', driver: { pid: process.pid } }])
    expect(await readScene(scene, [])).toMatchObject([{ state: 'unfinished', driver: null }])
    scene.builds.script('acme/repoB').release('success')
    await scene.clock.until(running.ended)
    expect(await readScene(scene, [process.pid])).toMatchObject([{ state: 'finished', driver: null }])
  })

  test('orch list skips unreadable journals and gives the reason for each', async () => {
    await using scene = await builtOnce()
    const { path, text } = await scene.journal()
    await place(scene, '1newer', '{"journal":9,"orchestration":"1newer"}\n')
    await place(scene, '2noise', '{"journal":2,"orchestration":"2noise"}\nnoise\n')
    await place(scene, '3empty', '{"journal":2,"orchestration":"3empty"}\n')
    await place(scene, '4order', '{"journal":2,"orchestration":"4order"}\n{"type":"resumed","at":1}\n')
    await place(scene, '5other', text.replace(`"orchestration":"${idOf(path)}"`, '"orchestration":"5other"'))
    await mkdir(join(scene.directory, '.orch', 'orchestrations', '6folder.jsonl'))
    const { code, stdout } = await scene.orch('list')
    expect(code).toBe(0)
    expect(stdout).toContain('a newer orch wrote it, in version 9 of its format')
    expect(stdout).toContain('line 2 is damaged: it is not an event')
    expect(stdout).toContain('it ended before its first event')
    expect(stdout).toContain('contradict each other: a journal begins with the start of its orchestration')
    expect(stdout).toContain('they belong to another orchestration')
    expect(stdout).toContain('it cannot be read: it is a folder')
    expect(stdout).toMatch(/✔ \S+ {2}DPTA-1 {2}succeeded/u)
    expect(createSchemaCheck('list')(JSON.parse((await scene.orch('list --json')).stdout))).toEqual([])
  })

  test('a journal that is a device without an end, or a pipe, is listed as unreadable', async () => {
    await using scene = await builtOnce()
    const folder = join(scene.directory, '.orch', 'orchestrations')
    await symlink('/dev/zero', join(folder, '1zero.jsonl'))
    execFileSync('mkfifo', [join(folder, '2pipe.jsonl')])
    for (const words of ['list', 'list --branch DPTA-1']) expect((await scene.orch(words)).code).toBe(0)
    expect((await scene.orch('list')).stdout.match(/it cannot be read: it is not a regular file/gu)).toHaveLength(2)
  })

  test('orch list cuts its lines to the terminal width', async () => {
    await using scene = await builtOnce()
    await place(scene, '1newer', '{"journal":9,"orchestration":"1newer"}\n')
    const { stdout } = await scene.orch('list', { terminal: { columns: 40, rows: 24 } })
    expect(stdout).toContain('…')
    expect(stdout.split('\n').filter((line) => line.length > 40)).toEqual([])
  })

  test('orch list without a graph file is a usage error', async () => {
    await using scene = await Scene.open()
    await rm(join(scene.directory, 'orchestrator.yaml'))
    expect(await scene.orch('list')).toMatchObject({ code: 2, stdout: '' })
    expect(await scene.orch('show x')).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('orch show', () => {
  test('orch show shows jobs, links, statuses and the reason for the beginning of an ID, without a request to GitHub', async () => {
    await using scene = await builtOnce('failure')
    const id = idOf((await scene.journal()).path)
    const { code, stdout, stderr } = await scene.orch(`show ${id.slice(0, 12).toUpperCase()}`, noToken)
    expect({ code, stderr, requests: scene.sandbox.requests }).toEqual({ code: 0, stderr: '', requests: [] })
    expect(stdout).toMatch(/^✖ repoB {2}failed +\d+s {2}attempt 1, run attempt 1 {2}http\S+\/actions\/runs\/\d+$/mu)
    expect(stdout).toMatch(/^↓ repoC {2}skipped +acme\/repoC has no branch DPTA-1$/mu)
    expect(stdout).toContain('not ok 1')
    expect(stdout).toMatch(/^ {4}claim {4}\S+Z {2}pending {2}run:/mu)
    expect(stdout).toMatch(/^ {4}closing {2}\S+Z {2}failure {2}run:/mu)
    expect(stdout).toMatch(/^✖ DPTA-1 failed after \d+s\n {2}.*repoB.*$/mu)
    const document: unknown = JSON.parse((await scene.orch(`show ${id} --json`, noToken)).stdout)
    expect(createSchemaCheck('show')(document)).toEqual([])
    expect(document).toMatchObject({ version: 2, id, state: 'finished', outcome: 'failed', branch: 'DPTA-1' })
  })

  test('orch show of an abandoned orchestration says how to resume it', async () => {
    await using scene = await builtOnce()
    const id = await forgetFrom(scene, 'job-settled')
    const { code, stdout } = await scene.orch(`show ${id}`)
    expect(code).toBe(0)
    expect(stdout).toContain(`To continue it: orch resume ${id}`)
    expect((await scene.orch('list')).stdout).toContain(`    orch resume ${id} continues it; 5 jobs: `)
    expect(createSchemaCheck('show')(JSON.parse((await scene.orch(`show ${id} --json`)).stdout))).toEqual([])
  })

  test('orch show of an ID that does not exist exits 2 and lists similar IDs', async () => {
    await using scene = await builtOnce()
    const id = idOf((await scene.journal()).path)
    const slip = `${id.slice(0, 8)}_${id.slice(9)}`
    const missing = await scene.orch(`show ${slip}`)
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toContain(`error: there is no orchestration ${slip}\n`)
    expect(missing.stderr).toContain(`Did you mean ${id} (DPTA-1)?`)
    expect((await scene.orch('show zzzzzzzzzzzz')).stderr).toContain(`The newest: ${id} (DPTA-1).`)
    expect(await scene.orch(['show', '../x'])).toMatchObject({ code: 2, stdout: '' })
    expect(await scene.orch(['show', ''])).toMatchObject({ code: 2, stdout: '' })
  })

  test('orch show without any orchestration exits 2 and says so', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('show 01jd6x')
    expect(code).toBe(2)
    expect(stderr).toContain('this graph file has no orchestrations')
  })

  test('orch show of an ambiguous beginning exits 2 and lists the matching IDs', async () => {
    await using scene = await Scene.open()
    for (const id of ['abc1', 'abc2', 'abc']) await place(scene, id, `{"journal":9,"orchestration":"${id}"}\n`)
    const { code, stderr } = await scene.orch('show ab')
    expect(code).toBe(2)
    expect(stderr).toContain('3 ids begin or end with it: abc2, abc1, abc')
    const history = await readScene(scene, [])
    expect(findOrchestration(history, 'abc')).toMatchObject({ ok: true, value: { id: 'abc' } })
  })

  test.each([
    ['of a newer version', '{"journal":9,"orchestration":"1bad"}\n', 'a newer orch wrote it'],
    ['with a damaged line', '{"journal":2,"orchestration":"1bad"}\n{]\n', 'line 2 is damaged'],
    ['edited by hand', '{"journal":2,"orchestration":"1bad"}\n{"type":"resumed","at":1}\n', 'contradict each other'],
    [
      'whose plan was edited',
      '{"journal":2,"orchestration":"1bad"}\n{"type":"started","at":1,"id":"1bad","options":{},"plan":{"jobs":[]}}\n',
      'contradict each other',
    ],
  ])('orch show of a journal %s exits 1, names the file and leaves it unchanged', async (_case, text, problem) => {
    await using scene = await Scene.open()
    const path = await place(scene, '1bad', text)
    for (const words of ['show 1bad', 'show 1bad --json']) {
      const { code, stdout, stderr } = await scene.orch(words)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(path)
      expect(stderr).toContain(problem)
    }
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  test('orch show without an id shows the latest orchestration, and of a branch the latest one of the branch', async () => {
    await using scene = await builtOnce()
    await scene.change('repoE', 'DPTA-2')
    await scene.orch('run DPTA-2')
    expect((await scene.orch('show')).stdout).toContain('DPTA-2 succeeded')
    expect((await scene.orch('show DPTA-1')).stdout).toContain('DPTA-1 succeeded')
    expect(await scene.orch('show DPTA-3')).toMatchObject({ code: 2, stdout: '' })
  })

  test('the end of an id is enough', async () => {
    await using scene = await builtOnce()
    const id = idOf((await scene.journal()).path)
    expect((await scene.orch(`show ${id.slice(-4)}`)).stdout).toContain('DPTA-1 succeeded')
    expect(await scene.orch(`show ${id.slice(-2)}`)).toMatchObject({ code: 2, stdout: '' })
  })

  test('orch show without any orchestration and without an id exits 2 and says so', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('show')
    expect(code).toBe(2)
    expect(stderr).toContain('there is nothing to show')
  })
})
