import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { at, createApiWorld, temporaryDirectory } from '../api/world.js'
import type { ApiWorld } from '../api/world.js'

const run = promisify(execFile)

/** Runs plain git as a user does, but without the configuration of this machine. */
async function git(directory: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', '-c', 'commit.gpgsign=false']
  const { stdout } = await run('git', [...identity, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' },
  })
  return stdout.trim()
}

async function listening(): Promise<{ world: ApiWorld; url: string; authenticated: string; directory: string }> {
  const world = await createApiWorld({ stateDirectory: await temporaryDirectory() })
  const { url } = await world.sandbox.listen()
  const authenticated = url.replace('http://', `http://x-access-token:${world.sandbox.token}@`)
  return { world, url, authenticated, directory: await temporaryDirectory() }
}

async function pushBranch(directory: string, branch: string, content: string): Promise<string> {
  const clone = join(directory, 'clone')
  await git(clone, 'checkout', '-q', '-B', branch)
  await writeFile(join(clone, 'change.txt'), content)
  await git(clone, 'add', '.')
  await git(clone, 'commit', '-q', '-m', 'Change')
  await git(clone, 'push', '-q', '--force', 'origin', branch)
  return git(clone, 'rev-parse', 'HEAD')
}

test('a public repository can be cloned without a token, and a push with a token arrives', async () => {
  const { world, url, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${url}/acme/lib.git`, 'clone')
  expect(await readFile(join(directory, 'clone/README.md'), 'utf8')).toBe('# lib\n')

  await git(join(directory, 'clone'), 'remote', 'set-url', 'origin', `${authenticated}/acme/lib.git`)
  const sha = await pushBranch(directory, 'DPTA-1', 'hello')

  expect(at((await world.json('GET', '/repos/acme/lib/git/ref/heads/DPTA-1')).body, 'object', 'sha')).toBe(sha)
  expect(await world.sandbox.admin.file('acme/lib', 'DPTA-1', 'change.txt')).toBe('hello')
})

test('a push by git is delivered to webhooks, with the commits and the new head of its pull request', async () => {
  const { world, authenticated, directory } = await listening()
  const id = world.sandbox.webhooks.create('acme/lib', { url: 'http://127.0.0.1:9/' })
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  const first = await pushBranch(directory, 'DPTA-1', 'hello')
  await world.sandbox.admin.openPull('acme/lib', { head: 'DPTA-1' })
  const second = await pushBranch(directory, 'DPTA-1', 'world')
  await world.sandbox.webhooks.idle()

  const payloads = (event: string, action: string | null): unknown[] => {
    const deliveries = world.sandbox.webhooks.deliveries(id).filter((each) => each.event === event)
    return deliveries
      .filter((each) => each.action === action)
      .map((each) => JSON.parse(each.request.payload) as unknown)
  }
  expect(payloads('create', null)).toMatchObject([{ ref: 'DPTA-1' }])
  expect(payloads('push', null)).toMatchObject([
    { created: true, commits: [{ id: first, added: ['change.txt'] }] },
    { before: first, after: second, forced: false, commits: [{ id: second, modified: ['change.txt'] }] },
  ])
  expect(payloads('pull_request', 'synchronize')).toMatchObject([{ before: first, after: second }])
})

test('a push large enough for git to compress its request arrives', async () => {
  const { world, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  const content = Array.from({ length: 60_000 }, (_, index) => `${(index * 7919) % 104729}`).join('\n')
  await pushBranch(directory, 'big', content)
  // A fetch with many common branches sends a body that git compresses.
  for (let index = 0; index < 40; index++) await world.sandbox.admin.commit('acme/lib', `b${index}`, { f: `${index}` })
  await git(join(directory, 'clone'), 'fetch', '-q')

  expect(await world.sandbox.admin.file('acme/lib', 'big', 'change.txt')).toBe(content)
  expect((await git(join(directory, 'clone'), 'branch', '-r')).split('\n').length).toBeGreaterThan(40)
})

test('a push without a token, with a wrong token or with a read-only token is rejected', async () => {
  const { world, url, directory } = await listening()
  const reader = world.sandbox.admin.createToken('reader', { 'acme/lib': { contents: 'read' } })
  await git(directory, 'clone', '-q', `${url}/acme/lib.git`, 'clone')
  const push = (address: string): Promise<string> =>
    git(join(directory, 'clone'), 'push', '-q', `${address}/acme/lib.git`, 'HEAD:refs/heads/new')

  await expect(push(url)).rejects.toThrow(/could not read Username|Authentication failed/)
  await expect(push(url.replace('http://', 'http://x:wrong@'))).rejects.toThrow(/Authentication failed|401/)
  await expect(push(url.replace('http://', `http://x:${reader}@`))).rejects.toThrow(/403/)
  expect(await world.sandbox.admin.branch('acme/lib', 'new')).toBeNull()
})

test('a private repository can be cloned only with a token that has access to it', async () => {
  const { world, url, authenticated, directory } = await listening()
  await world.sandbox.admin.createRepository('acme/secret', { private: true })
  await world.sandbox.admin.commit('acme/secret', 'main', { f: 'x' })
  const stranger = world.sandbox.admin.createToken('stranger', { 'acme/lib': { contents: 'write' } })

  await expect(git(directory, 'clone', '-q', `${url}/acme/secret.git`, 'a')).rejects.toThrow(/Username|Authentication/)
  const foreign = url.replace('http://', `http://x:${stranger}@`)
  await expect(git(directory, 'clone', '-q', `${foreign}/acme/secret.git`, 'b')).rejects.toThrow(/not found/i)
  await git(directory, 'clone', '-q', `${authenticated}/acme/secret.git`, 'c')
  expect(await readFile(join(directory, 'c/f'), 'utf8')).toBe('x')
})

test('an open pull request follows a push to its branch and closes when the branch is deleted', async () => {
  const { world, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  const first = await pushBranch(directory, 'DPTA-2', 'one')
  const pull = await world.json('POST', '/repos/acme/lib/pulls', { title: 'x', head: 'DPTA-2', base: 'main' })
  expect(at(pull.body, 'head', 'sha')).toBe(first)

  const second = await pushBranch(directory, 'DPTA-2', 'two')
  expect(at((await world.json('GET', '/repos/acme/lib/pulls/1')).body, 'head', 'sha')).toBe(second)
  expect(at((await world.json('GET', '/repos/acme/lib/git/ref/pull/1/head')).body, 'object', 'sha')).toBe(second)

  await git(join(directory, 'clone'), 'push', '-q', 'origin', '--delete', 'DPTA-2')
  expect(at((await world.json('GET', '/repos/acme/lib/pulls/1')).body, 'state')).toBe('closed')
})

test('pushes, including forced pushes, are in the activity of the repository', async () => {
  const { world, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  const first = await pushBranch(directory, 'DPTA-4', 'one')
  const second = await pushBranch(directory, 'DPTA-4', 'two')
  await git(join(directory, 'clone'), 'reset', '-q', '--hard', first)
  const third = await pushBranch(directory, 'DPTA-4', 'three')
  const { body } = await world.json('GET', '/repos/acme/lib/activity?ref=DPTA-4')

  expect(body).toMatchObject([
    { activity_type: 'force_push', before: second, after: third },
    { activity_type: 'push', before: first, after: second },
    { activity_type: 'branch_creation', after: first },
  ])
})

test('a push of the commits of a pull request to its base merges it', async () => {
  const { world, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  await pushBranch(directory, 'DPTA-3', 'one')
  await world.json('POST', '/repos/acme/lib/pulls', { title: 'x', head: 'DPTA-3', base: 'main' })
  await git(join(directory, 'clone'), 'push', '-q', 'origin', 'DPTA-3:main')

  expect(at((await world.json('GET', '/repos/acme/lib/pulls/1')).body, 'merged')).toBe(true)
})

test('refs/pull cannot be changed by a push', async () => {
  const { world, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  const push = git(join(directory, 'clone'), 'push', '-q', 'origin', 'HEAD:refs/pull/9/head')

  await expect(push).rejects.toThrow(/hidden ref|denied|rejected/)
  expect((await world.call('GET', '/repos/acme/lib/git/ref/pull/9/head')).status).toBe(404)
})

test('a merge through the API is a real merge commit for a client that pulls it', async () => {
  const { world, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  const head = await pushBranch(directory, 'DPTA-4', 'one')
  await world.json('POST', '/repos/acme/lib/pulls', { title: 'x', head: 'DPTA-4', base: 'main' })
  const merged = await world.json('PUT', '/repos/acme/lib/pulls/1/merge', { sha: head })
  const clone = join(directory, 'clone')
  await git(clone, 'fetch', '-q', 'origin')

  expect(await git(clone, 'rev-parse', 'origin/main')).toBe(at(merged.body, 'sha'))
  expect(await git(clone, 'rev-parse', 'origin/main^2')).toBe(head)
  expect(await git(clone, 'show', 'origin/main:change.txt')).toBe('one')
})

test('a push to an archived repository is rejected', async () => {
  const { world, authenticated, directory } = await listening()
  await git(directory, 'clone', '-q', `${authenticated}/acme/lib.git`, 'clone')
  world.sandbox.admin.archiveRepository('acme/lib')

  await expect(pushBranch(directory, 'late', 'x')).rejects.toThrow(/403/)
})

test('a malformed git request is rejected', async () => {
  const { world, url } = await listening()
  const headers = { 'content-encoding': 'gzip' }
  const damaged = await fetch(`${url}/acme/lib.git/git-upload-pack`, { method: 'POST', headers, body: 'no gzip' })

  expect(damaged.status).toBe(400)
  for (const path of [
    '/acme/%/info/refs?service=git-upload-pack',
    '/..%2F..%2Fetc/x/info/refs?service=git-upload-pack',
  ]) {
    expect((await fetch(`${url}${path}`)).status).toBe(404)
  }
  expect((await world.call('GET', '/acme/lib.git/git-receive-pack')).status).toBe(405)
})

test('a clone from a sandbox in memory fails with status 501', async () => {
  const world = await createApiWorld()
  const { url } = await world.sandbox.listen()

  await expect(git(await temporaryDirectory(), 'clone', `${url}/acme/lib.git`)).rejects.toThrow(/501/)
})
