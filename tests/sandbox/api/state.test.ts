import { existsSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { createSandbox } from '../../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../../src/sandbox/sandbox.js'
import { createApiWorld, HeldExecutor, instantExecutor, job, temporaryDirectory, TestClock } from './world.js'

async function start(stateDirectory: string): Promise<Sandbox> {
  const sandbox = await createSandbox({ stateDirectory, executor: instantExecutor, clock: new TestClock() })
  onTestFinished(() => sandbox.close())
  return sandbox
}

const get = async (sandbox: Sandbox, path: string): Promise<unknown> => {
  const headers = { authorization: `Bearer ${sandbox.token}` }
  return (await sandbox.fetch(new Request(`http://127.0.0.1${path}`, { headers }))).json()
}

test('a restarted sandbox has the same state as before', async () => {
  const stateDirectory = await temporaryDirectory()
  const world = await createApiWorld({ stateDirectory })
  const { admin } = world.sandbox
  const head = await admin.commit('acme/lib', 'DPTA-1', { f: 'x' })
  await admin.openPull('acme/lib', { head: 'DPTA-1' })
  await world.call('POST', `/repos/acme/lib/statuses/${head}`, { state: 'pending', context: 'c' })
  admin.requireStatus('acme/lib', 'orchestrator-build')
  admin.renameRepository('acme/lib', 'library')
  await world.call('POST', '/repos/acme/library/actions/workflows/build.yml/dispatches', { ref: 'main' })
  await admin.idle()
  const paths = [
    '/repos/acme/library',
    '/repos/acme/library/pulls/1',
    `/repos/acme/library/commits/${head}/statuses`,
    '/repos/acme/library/rulesets',
    '/repos/acme/library/actions/runs',
    '/repos/acme/lib/branches',
  ]
  const before = await Promise.all(paths.map((path) => get(world.sandbox, path)))
  const token = admin.createToken('ada', { '*': { contents: 'read' } })
  const jobId = admin.runs()[0]?.attempts[0]?.jobs[0]?.id ?? 0
  await world.sandbox.close()
  const again = await start(stateDirectory)

  expect(again.token).toBe(world.sandbox.token)
  expect(await Promise.all(paths.map((path) => get(again, path)))).toEqual(before)
  expect(again.admin.log(jobId)).toEqual(['2026-01-02T03:04:05.000Z make'])
  const request = new Request('http://127.0.0.1/user', { headers: { authorization: `Bearer ${token}` } })
  expect(await (await again.fetch(request)).json()).toMatchObject({ login: 'ada' })
  await again.admin.commit('acme/library', 'DPTA-1', { f: 'y' })
  expect(again.admin.pull('acme/library', 1).headSha).not.toBe(head)
})

test('runs that were active when the process died are cancelled after a restart, and their logs give the reason', async () => {
  const stateDirectory = await temporaryDirectory()
  const executor = new HeldExecutor()
  const world = await createApiWorld({ stateDirectory, executor })
  await world.call('POST', '/repos/acme/lib/actions/workflows/build.yml/dispatches', { ref: 'main' })
  const id = world.sandbox.admin.runs()[0]?.id ?? 0
  const execution = await executor.of(id)
  execution.update([job()])
  // The files on disk during a run are the ones that a killed process leaves behind.
  while (!(await readFile(join(stateDirectory, 'state.json'), 'utf8').catch(() => '')).includes('in_progress')) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  const left = await readFile(join(stateDirectory, 'state.json'))
  await world.sandbox.close()
  await writeFile(join(stateDirectory, 'state.json'), left)
  const again = await start(stateDirectory)
  const attempt = again.admin.runs()[0]?.attempts[0]

  expect(attempt).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
  expect(attempt?.jobs[0]?.state).toMatchObject({ status: 'completed', conclusion: 'cancelled' })
  expect(again.admin.log(attempt?.jobs[0]?.id ?? 0)?.at(-1)).toContain('The sandbox was stopped while this job ran.')
})

test('the token file and the state file are readable only by their owner', async () => {
  const stateDirectory = await temporaryDirectory()
  const { sandbox } = await createApiWorld({ stateDirectory })
  await sandbox.close()

  for (const name of ['token', 'state.json']) {
    expect((await stat(join(stateDirectory, name))).mode & 0o777).toBe(0o600)
  }
  expect((await readFile(join(stateDirectory, 'token'), 'utf8')).trim()).toBe(sandbox.token)
  expect(sandbox.token).toMatch(/^orch_sandbox_[0-9a-f]{40}$/)
})

test('a second sandbox cannot use a state directory while the first one uses it', async () => {
  const stateDirectory = await temporaryDirectory()
  const first = await start(stateDirectory)

  await expect(start(stateDirectory)).rejects.toThrow(`already running as process ${process.pid}`)
  await first.close()
  await (await start(stateDirectory)).close()
})

test('a sandbox respects the lock of a live process and takes over the lock of a dead one', async () => {
  const stateDirectory = await temporaryDirectory()
  await writeFile(join(stateDirectory, 'lock'), `${process.ppid}\n`)
  await expect(start(stateDirectory)).rejects.toThrow(`already running as process ${process.ppid}`)

  await writeFile(join(stateDirectory, 'lock'), '999999999\n')
  const sandbox = await start(stateDirectory)
  const [owner] = (await readFile(join(stateDirectory, 'lock'), 'utf8')).split('\n')
  expect(owner).toBe(String(process.pid))
  await sandbox.close()
  expect(existsSync(join(stateDirectory, 'lock'))).toBe(false)
})

test('a truncated state file is set aside and the previous file is used', async () => {
  const stateDirectory = await temporaryDirectory()
  const { sandbox } = await createApiWorld({ stateDirectory })
  await sandbox.close()
  await (await start(stateDirectory)).close()
  const file = join(stateDirectory, 'state.json')
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 200))
  const again = await start(stateDirectory)

  expect(again.admin.repositories()).toEqual(['acme/lib'])
  expect(again.warnings.join('\n')).toContain('state.json is damaged')
  expect(await again.admin.file('acme/lib', 'main', 'README.md')).toBe('# lib\n')
})

test('a sandbox whose state files are all damaged starts empty, keeps the damaged files and works', async () => {
  const stateDirectory = await temporaryDirectory()
  const { sandbox } = await createApiWorld({ stateDirectory })
  await sandbox.close()
  for (const name of ['state.json', 'state.previous.json']) await writeFile(join(stateDirectory, name), '{"state":{}}')
  const again = await start(stateDirectory)

  expect(again.admin.repositories()).toEqual([])
  expect(again.warnings.join('\n')).toContain('starts empty')
  const names = await readdir(stateDirectory)
  expect(names.filter((name) => /^(git|logs)\.damaged-|\.json\.damaged$/.test(name))).toHaveLength(4)
  await again.admin.createRepository('acme/lib')
  await again.admin.commit('acme/lib', 'main', { f: 'new' })
  expect(await again.admin.file('acme/lib', 'main', 'f')).toBe('new')
})

test('server.json contains the URL of the sandbox while it listens', async () => {
  const stateDirectory = await temporaryDirectory()
  const sandbox = await start(stateDirectory)
  const { url, port } = await sandbox.listen()
  const file = join(stateDirectory, 'server.json')

  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    url,
    pid: process.pid,
    startedAt: '2026-01-02T03:04:05.000Z',
  })
  expect(url).toBe(`http://127.0.0.1:${port}`)
  expect((await fetch(`${url}/api/v3/zen`)).status).toBe(200)
  await sandbox.close()
  expect(existsSync(file)).toBe(false)
  await expect(fetch(`${url}/zen`)).rejects.toThrow(TypeError)
})

test('listen rejects when the port is in use', async () => {
  const first = await createApiWorld()
  const { port } = await first.sandbox.listen()
  const second = await createApiWorld()

  await expect(second.sandbox.listen(port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('the memory store and the disk store give the same SHA for the same contents and time', async () => {
  const memory = await createApiWorld()
  const disk = await createApiWorld({ stateDirectory: await temporaryDirectory() })
  const path = '/repos/acme/lib/git/ref/heads/main'
  const shas = await Promise.all([memory, disk].map(async (world) => get(world.sandbox, path)))

  expect(shas[0]).toMatchObject({ object: { sha: expect.stringMatching(/^[0-9a-f]{40}$/) as string } })
  expect(await memory.sandbox.admin.branch('acme/lib', 'main')).toBe(
    await disk.sandbox.admin.branch('acme/lib', 'main'),
  )
})

test('a state file without activities is read with an empty activity', async () => {
  const stateDirectory = await temporaryDirectory()
  await (await createApiWorld({ stateDirectory })).sandbox.close()
  const path = join(stateDirectory, 'state.json')
  const kept = await readFile(path, 'utf8')
  const older = kept.replace(/,"activities":\[[^\]]*\]/, '')
  expect(older).not.toBe(kept)
  await writeFile(path, older)
  const again = await start(stateDirectory)
  await again.admin.moveBranch('acme/lib', 'DPTA-1', 'main')

  expect(again.warnings).toEqual([])
  expect(await get(again, '/repos/acme/lib/activity')).toMatchObject([{ activity_type: 'branch_creation' }])
})

test('a state file without topics is read with none', async () => {
  const stateDirectory = await temporaryDirectory()
  await (await createApiWorld({ stateDirectory })).sandbox.close()
  const path = join(stateDirectory, 'state.json')
  const kept = await readFile(path, 'utf8')
  const older = kept.replace(/,"topics":\[[^\]]*\]/, '')
  expect(older).not.toBe(kept)
  await writeFile(path, older)
  const again = await start(stateDirectory)

  expect(await get(again, '/repos/acme/lib/topics')).toEqual({ names: [] })
})
