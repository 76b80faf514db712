import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedToken } from '../../src/github/api/token.js'
import { createRepositoryClient } from '../../src/github/repositories/repository-client.js'
import type { Read } from '../../src/ports/host/read.js'
import type { ListedRepository, Repositories, RepositoryFiles } from '../../src/ports/host/repositories.js'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { loadGraphQL } from '../support/load-graphql.js'
import { seededRandom } from '../support/random.js'
import { TestClock } from '../support/test-clock.js'

let clock: TestClock
let sandbox: Sandbox

beforeEach(async () => {
  await loadGraphQL()
  clock = new TestClock(undefined, 12)
  const executor = createScriptedExecutor({ clock })
  sandbox = await createSandbox({ clock, executor, random: seededRandom(1), url: 'http://127.0.0.1:4000' })
})

afterEach(() => sandbox.close())

function client(token = sandbox.token): Repositories {
  return createRepositoryClient({
    apiUrl: 'http://127.0.0.1:4000/api/v3',
    token: fixedToken(token),
    clock,
    random: () => 0.5,
    fetch: (input, init) => clock.track(sandbox.fetch(input, init)),
    keepsLimits: false,
  })
}

function list(owner: string, token?: string): Promise<Read<ListedRepository[]>> {
  return clock.until(client(token).listRepositories(owner))
}

async function names(owner: string, token?: string): Promise<string[]> {
  const read = await list(owner, token)
  if (!read.ok) throw new Error(read.failure.message)
  return read.value.map(({ repo }) => repo)
}

/** The reading of one repository, with its text files. */
async function read(repo: string, token?: string): Promise<Read<RepositoryFiles>> {
  const [reading] = await clock.until(client(token).readFiles([repo], () => true))
  return reading!.read
}

describe('the repositories of an owner', () => {
  test('all pages are listed, with topics, archived repositories and forks', async () => {
    for (let index = 0; index < 130; index += 1) await sandbox.admin.createRepository(`acme/lib-${index}`)
    sandbox.admin.setTopics('acme/lib-7', ['payments', 'java'])
    sandbox.admin.archiveRepository('acme/lib-8')
    await sandbox.admin.createRepository('other/source')
    await sandbox.admin.forkRepository('other/source', 'acme/fork')
    sandbox.requests.length = 0
    const listed = await list('acme')
    if (!listed.ok) throw new Error(listed.failure.message)
    expect(listed.value).toHaveLength(131)
    expect(listed.value.find(({ repo }) => repo === 'acme/lib-7')).toEqual({
      repo: 'acme/lib-7',
      isArchived: false,
      isFork: false,
      topics: ['payments', 'java'],
    })
    expect(listed.value.filter(({ isArchived }) => isArchived).map(({ repo }) => repo)).toEqual(['acme/lib-8'])
    expect(listed.value.filter(({ isFork }) => isFork).map(({ repo }) => repo)).toEqual(['acme/fork'])
    expect(sandbox.requests.map(({ path }) => path.split('?')[0])).toEqual([
      '/users/acme',
      '/orgs/acme/repos',
      '/orgs/acme/repos',
    ])
  })

  test('private repositories of an organization are listed for a token that may see them', async () => {
    await sandbox.admin.createRepository('acme/open')
    await sandbox.admin.createRepository('acme/secret', { private: true })
    expect(await names('acme')).toEqual(['acme/open', 'acme/secret'])
    expect(await names('acme', sandbox.admin.createToken('reader', {}))).toEqual(['acme/open'])
  })

  test('the user of the token sees private repositories of its own, and public ones of others', async () => {
    sandbox.admin.createAccount('octocat')
    for (const owner of ['octocat', 'developer']) {
      await sandbox.admin.createRepository(`${owner}/open`)
      await sandbox.admin.createRepository(`${owner}/secret`, { private: true })
    }
    expect(await names('Developer')).toEqual(['developer/open', 'developer/secret'])
    expect(await names('octocat')).toEqual(['octocat/open'])
  })

  test('an owner that does not exist is a failure that names it', async () => {
    expect(await list('nobody')).toMatchObject({
      ok: false,
      failure: {
        kind: 'not-found',
        message: 'the user or organization nobody does not exist, or this token cannot see it',
      },
    })
  })
})

describe('the files of repositories', () => {
  test('the selected files of the root folder and of the workflows are read, of one commit', async () => {
    await sandbox.admin.createRepository('acme/lib', { defaultBranch: 'trunk' })
    await sandbox.admin.commit('acme/lib', 'trunk', {
      'package.json': '{}',
      'README.md': '# lib',
      'src/index.js': '',
      '.github/workflows/build.yml': 'on: push',
      'logo.png': new Uint8Array([0, 1, 2]),
    })
    await sandbox.admin.commit('acme/lib', 'other', { 'package.json': '{ "other": true }' })
    const seen: string[] = []
    const [reading] = await clock.until(
      client().readFiles(['Acme/LIB'], (path) => {
        seen.push(path)
        return path !== 'README.md'
      }),
    )
    expect(seen.sort()).toEqual(['.github/workflows/build.yml', 'README.md', 'logo.png', 'package.json'])
    expect(reading).toMatchObject({
      repo: 'Acme/LIB',
      read: { ok: true, value: { repo: 'acme/lib', isArchived: false, defaultBranch: 'trunk' } },
    })
    if (!reading?.read.ok) return
    expect(new Map(reading.read.value.files.map(({ path, text }) => [path, text]))).toEqual(
      new Map([
        ['package.json', '{}'],
        ['logo.png', null],
        ['.github/workflows/build.yml', 'on: push'],
      ]),
    )
  })

  test('many repositories take two queries for each fifty of them and for each hundred files', async () => {
    const repositories = Array.from({ length: 60 }, (_, index) => `acme/lib-${index}`)
    for (const repo of repositories) {
      await sandbox.admin.createRepository(repo)
      await sandbox.admin.commit(repo, 'main', {
        'package.json': JSON.stringify({ name: repo }),
        'go.mod': `module ${repo}\n`,
      })
    }
    sandbox.requests.length = 0
    const readings = await clock.until(client().readFiles(repositories, () => true))
    const texts = readings.flatMap(({ read: each }) =>
      each.ok ? [each.value.files.map(({ text }) => text).sort()] : [],
    )
    expect(texts).toEqual(repositories.map((repo) => [`module ${repo}\n`, JSON.stringify({ name: repo })].sort()))
    expect(sandbox.requests.map(({ path, operation }) => `${path} ${operation ?? ''}`).sort()).toEqual([
      '/graphql ListFiles',
      '/graphql ListFiles',
      '/graphql ReadFiles',
      '/graphql ReadFiles',
    ])
  })

  test('a query that is too much is split', async () => {
    for (const name of ['a', 'b']) {
      await sandbox.admin.createRepository(`acme/${name}`)
      await sandbox.admin.commit(`acme/${name}`, 'main', { 'go.mod': `module ${name}\n` })
    }
    sandbox.faults.add({ action: { kind: 'graphql-too-large', repositories: 1 } })
    const readings = await clock.until(client().readFiles(['acme/a', 'acme/b'], () => true))
    expect(readings.map(({ read: each }) => each.ok)).toEqual([true, true])
  })

  test('a repository without a commit has no files', async () => {
    await sandbox.admin.createRepository('acme/empty')
    expect(await read('acme/empty')).toEqual({
      ok: true,
      value: { repo: 'acme/empty', isArchived: false, defaultBranch: null, files: [] },
    })
  })

  test('a repository that does not exist, was renamed, or cannot be read is a failure with its name', async () => {
    await sandbox.admin.createRepository('acme/old')
    sandbox.admin.renameRepository('acme/old', 'new')
    await sandbox.admin.createRepository('acme/secret', { private: true })
    await sandbox.admin.commit('acme/secret', 'main', { 'go.mod': 'module secret\n' })
    expect(await read('acme/none')).toMatchObject({ ok: false, failure: { kind: 'not-found', repo: 'acme/none' } })
    expect(await read('acme/old')).toMatchObject({
      ok: false,
      failure: { kind: 'renamed', message: 'the repository acme/old is now called acme/new' },
    })
    const metadataOnly = sandbox.admin.createToken('reader', { 'acme/secret': { metadata: 'read' } })
    expect(await read('acme/secret', metadataOnly)).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', repo: 'acme/secret', permission: 'contents=read' },
    })
  })

  test('a server without GraphQL is a failure that says so', async () => {
    await sandbox.admin.createRepository('acme/lib')
    sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    const result = await read('acme/lib')
    expect(result).toMatchObject({ ok: false, failure: { kind: 'blocked' } })
  })

  test('a token in a file is not passed on', async () => {
    await sandbox.admin.createRepository('acme/lib')
    await sandbox.admin.commit('acme/lib', 'main', { 'go.mod': `module ${sandbox.token}\n` })
    expect(JSON.stringify(await read('acme/lib'))).not.toContain(sandbox.token)
  })
})
