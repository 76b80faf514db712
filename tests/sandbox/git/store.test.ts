import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { beforeEach, describe, expect, test } from 'vitest'

import { createDiskGit } from '../../../src/sandbox/git/disk-git.js'
import type { GitStore, NewCommit } from '../../../src/sandbox/git/git-store.js'
import { isRefName, isTreePath } from '../../../src/sandbox/git/git-store.js'
import { createMemoryGit } from '../../../src/sandbox/git/memory-git.js'
import { START, temporaryDirectory } from '../api/world.js'

let minute = 0

function commit(message: string): NewCommit {
  minute++
  return { message, author: { name: 'Ada', email: 'ada@localhost' }, time: START + minute * 60_000 }
}

const lines = (...texts: string[]): string => texts.map((text) => `${text}\n`).join('')

const stores = {
  memory: () => Promise.resolve(createMemoryGit()),
  disk: async () => createDiskGit(await temporaryDirectory()),
}

describe.each(Object.entries(stores))('git store in %s', (_name, create) => {
  let git: GitStore

  beforeEach(async () => {
    minute = 0
    git = await create()
    await git.createRepository(1, 'main')
  })

  test('a commit has the files of its parent with the changes, and the SHA that git gives it', async () => {
    const first = await git.commit(1, [], { 'a.txt': 'one\n', 'src/b.txt': 'two\n', 'src-c': 'x' }, commit('First'))
    const second = await git.commit(1, [first], { 'a.txt': null, 'src/d/e.txt': 'é\n' }, commit('Second\n\nbody'))

    expect([first, second]).toEqual([
      '26f8713c4c2ab97e9fc8503ed43684067dface2c',
      '2730efa68cf4c73cf90193657ceb6dfb371880cf',
    ])
    expect(await git.readFile(1, second, 'a.txt')).toBeNull()
    expect(text(await git.readFile(1, second, 'src/d/e.txt'))).toBe('é\n')
    expect(text(await git.readFile(1, second, 'src/b.txt'))).toBe('two\n')
    expect(await git.readFile(1, second, 'src')).toBeNull()
    expect(await git.readCommit(1, second)).toEqual({
      sha: second,
      tree: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      parents: [first],
      message: 'Second\n\nbody\n',
      author: { name: 'Ada', email: 'ada@localhost', time: START + 120_000 },
      committer: { name: 'Ada', email: 'ada@localhost', time: START + 120_000 },
    })
  })

  test('a folder lists its files and folders in the order of git', async () => {
    const sha = await git.commit(1, [], { 'src/b': 'bb', 'src/a/c': '', 'src/a.b': 'x', top: '1' }, commit('x'))

    expect((await git.listTree(1, sha, 'src'))?.map(({ name, type, size }) => [name, type, size])).toEqual([
      ['a.b', 'file', 1],
      ['a', 'dir', 0],
      ['b', 'file', 2],
    ])
    expect((await git.listTree(1, sha, ''))?.map(({ name }) => name)).toEqual(['src', 'top'])
    expect(await git.listTree(1, sha, 'nowhere')).toBeNull()
    expect(await git.listTree(1, sha, 'top')).toBeNull()
  })

  test('the commits between two have their changed files, each compared with its first parent', async () => {
    const first = await git.commit(1, [], { 'a.txt': 'one', 'src/é b.txt': 'two' }, commit('First'))
    const second = await git.commit(
      1,
      [first],
      { 'a.txt': null, 'src/é b.txt': 'three', 'c/d': 'new' },
      commit('Second'),
    )
    const side = await git.commit(1, [first], { side: 'side' }, commit('Side'))
    const merge = (await git.merge(1, second, side, [second, side], commit('Merge'))) ?? ''

    const between = await git.commitsBetween(1, first, merge)
    expect(between.map(({ sha }) => sha)).toEqual([second, side, merge])
    const all = await git.commitsBetween(1, null, merge)
    expect(all.map(({ sha }) => sha)).toEqual([first, second, side, merge])
    expect(await git.commitsBetween(1, merge, first)).toEqual([])
    expect(await git.changedPaths(1, [])).toEqual(new Map())
    expect(await git.changedPaths(1, all)).toEqual(
      new Map([
        [first, { added: ['a.txt', 'src/é b.txt'], removed: [], modified: [] }],
        [second, { added: ['c/d'], removed: ['a.txt'], modified: ['src/é b.txt'] }],
        [side, { added: ['side'], removed: [], modified: [] }],
        [merge, { added: ['side'], removed: [], modified: [] }],
      ]),
    )
  })

  test('the refs from which a commit is reachable are listed', async () => {
    const first = await git.commit(1, [], { a: 'a' }, commit('First'))
    const second = await git.commit(1, [first], { a: 'b' }, commit('Second'))
    for (const [ref, sha] of [
      ['refs/heads/main', second],
      ['refs/heads/old', first],
      ['refs/tags/v1', second],
    ] as const)
      await git.updateRef(1, ref, sha)

    const names = async (sha: string): Promise<string[]> => {
      return (await git.listRefsWith(1, 'refs/heads/', sha)).map(({ name }) => name)
    }
    expect(await names(first)).toEqual(['refs/heads/main', 'refs/heads/old'])
    expect(await names(second)).toEqual(['refs/heads/main'])
  })

  test('a path that becomes a folder replaces the file, and a path that becomes a file replaces the folder', async () => {
    const first = await git.commit(1, [], { a: 'file', 'b/c': 'file' }, commit('1'))
    const second = await git.commit(1, [first], { 'a/x': 'inner', b: 'file now' }, commit('2'))

    expect((await git.listTree(1, second, ''))?.map(({ name, type }) => [name, type])).toEqual([
      ['a', 'dir'],
      ['b', 'file'],
    ])
  })

  test('a ref moves only if it has the value that the caller expects', async () => {
    const a = await git.commit(1, [], { f: 'a' }, commit('a'))
    const b = await git.commit(1, [a], { f: 'b' }, commit('b'))
    const ref = 'refs/heads/feature/x'

    expect(await git.updateRef(1, ref, a, null)).toBe(true)
    expect(await git.updateRef(1, ref, b, null)).toBe(false)
    expect(await git.updateRef(1, ref, b, b)).toBe(false)
    expect(await git.updateRef(1, ref, b, a)).toBe(true)
    expect(await git.resolveRef(1, ref)).toBe(b)
    expect(await git.updateRef(1, 'refs/heads/feature', a)).toBe(false)
    expect(await git.updateRef(1, 'refs/heads/lost', '1'.repeat(40))).toBe(false)
    expect(await git.updateRef(1, ref, null, a)).toBe(false)
    expect(await git.updateRef(1, ref, null, b)).toBe(true)
    expect(await git.updateRef(1, ref, null)).toBe(false)
    expect(await git.resolveRef(1, ref)).toBeNull()
  })

  test('refs are listed by name prefix, sorted', async () => {
    const sha = await git.commit(1, [], { f: 'a' }, commit('a'))
    for (const name of ['heads/b', 'heads/a/z', 'heads/ab', 'tags/a']) await git.updateRef(1, `refs/${name}`, sha)

    expect(await git.listRefs(1, 'refs/heads/a')).toEqual([
      { name: 'refs/heads/a/z', sha },
      { name: 'refs/heads/ab', sha },
    ])
    expect((await git.listRefs(1, 'refs/')).length).toBe(4)
  })

  test('a commit is found by a unique SHA prefix, and only in its own repository', async () => {
    const sha = await git.commit(1, [], { f: 'a' }, commit('a'))
    await git.createRepository(2, 'main')

    expect((await git.readCommit(1, sha.slice(0, 7)))?.sha).toBe(sha)
    expect(await git.readCommit(1, sha.slice(0, 3))).toBeNull()
    expect(await git.readCommit(1, '--help')).toBeNull()
    expect(await git.readCommit(2, sha)).toBeNull()
  })

  test('the history of a commit is newest first, in pages, and filtered by path', async () => {
    const a = await git.commit(1, [], { 'x/f': '1' }, commit('a'))
    const b = await git.commit(1, [a], { g: '1' }, commit('b'))
    const c = await git.commit(1, [b], { 'x/f': '2' }, commit('c'))

    const shas = async (page: Parameters<GitStore['history']>[2]): Promise<string[]> =>
      (await git.history(1, c, page)).map(({ sha }) => sha)
    expect(await shas({ skip: 0, limit: 10 })).toEqual([c, b, a])
    expect(await shas({ skip: 1, limit: 1 })).toEqual([b])
    expect(await shas({ skip: 3, limit: 1 })).toEqual([])
    expect(await shas({ skip: 0, limit: 10, path: 'x' })).toEqual([c, a])
  })

  test('ancestry, distance and difference follow the commit graph', async () => {
    const a = await git.commit(1, [], { f: lines('1', '2', '3') }, commit('a'))
    const b = await git.commit(1, [a], { f: lines('1', 'two', '3') }, commit('b'))
    const c = await git.commit(1, [a], { g: lines('x') }, commit('c'))
    const orphan = await git.commit(1, [], { h: '' }, commit('o'))

    expect(await git.isAncestor(1, a, b)).toBe(true)
    expect(await git.isAncestor(1, b, b)).toBe(true)
    expect(await git.isAncestor(1, b, c)).toBe(false)
    expect(await git.mergeBase(1, b, c)).toBe(a)
    expect(await git.mergeBase(1, b, orphan)).toBeNull()
    expect(await git.countAhead(1, c, b)).toBe(1)
    expect(await git.diffSize(1, a, b)).toEqual({ files: 1, additions: 1, deletions: 1 })
    expect(await git.diffSize(1, b, c)).toEqual({ files: 2, additions: 2, deletions: 1 })
  })

  test('a merge combines changes of different files and of different lines of one file', async () => {
    const base = await git.commit(1, [], { f: lines('1', '2', '3', '4', '5'), g: 'g' }, commit('base'))
    const ours = await git.commit(1, [base], { f: lines('one', '2', '3', '4', '5') }, commit('ours'))
    const theirs = await git.commit(1, [base], { f: lines('1', '2', '3', '4', 'five'), h: 'h', g: null }, commit('t'))
    const merged = (await git.merge(1, ours, theirs, [ours, theirs], commit('Merge'))) ?? ''

    expect((await git.readCommit(1, merged))?.parents).toEqual([ours, theirs])
    expect(text(await git.readFile(1, merged, 'f'))).toBe(lines('one', '2', '3', '4', 'five'))
    expect((await git.listTree(1, merged, ''))?.map(({ name }) => name)).toEqual(['f', 'h'])
  })

  test.each([
    ['one line is changed on both sides', { f: lines('ours') }, { f: lines('theirs') }],
    ['a file is removed on one side and changed on the other', { f: null }, { f: lines('theirs') }],
    ['a file is added on both sides with different contents', { n: 'ours' }, { n: 'theirs' }],
  ])('a merge conflicts if %s', async (_case, our, their) => {
    const base = await git.commit(1, [], { f: lines('base') }, commit('base'))
    const ours = await git.commit(1, [base], our, commit('ours'))
    const theirs = await git.commit(1, [base], their, commit('theirs'))

    expect(await git.merge(1, ours, theirs, [ours, theirs], commit('Merge'))).toBeNull()
  })

  test('a fork has the branches of its parent and separate commits', async () => {
    const a = await git.commit(1, [], { f: 'a' }, commit('a'))
    await git.updateRef(1, 'refs/heads/main', a)
    await git.updateRef(1, 'refs/pull/1/head', a)
    await git.forkRepository(1, 2)
    const b = await git.commit(2, [a], { f: 'b' }, commit('b'))

    expect(await git.listRefs(2, 'refs/')).toEqual([{ name: 'refs/heads/main', sha: a }])
    expect(await git.readCommit(1, b)).toBeNull()
    await git.copyCommit(2, 1, b)
    expect((await git.readCommit(1, b))?.parents).toEqual([a])
  })

  test('a checkout writes the files of a commit', async () => {
    const sha = await git.commit(1, [], { 'a/b.txt': 'hello', c: 'x' }, commit('a'))
    await git.updateRef(1, 'refs/heads/main', sha)
    const directory = await temporaryDirectory()
    await git.checkout(1, sha, { directory, branch: 'main', origin: 'http://127.0.0.1/acme/lib.git' })

    expect(await readFile(join(directory, 'a/b.txt'), 'utf8')).toBe('hello')
    expect((await readdir(directory)).filter((name) => name !== '.git')).toEqual(['a', 'c'])
  })

  test('bytes that are not valid UTF-8 are stored unchanged', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const sha = await git.commit(1, [], { bin: bytes }, commit('bin'))

    expect([...((await git.readFile(1, sha, 'bin'))?.content ?? [])]).toEqual([...bytes])
  })
})

test.each(['refs/heads/a', 'refs/heads/feature/x-1', 'refs/heads/ü'])('%s is a valid ref name', (name) => {
  expect(isRefName(name)).toBe(true)
})

test.each([
  'main',
  'refs/heads/',
  'refs/heads/a..b',
  'refs/heads/.a',
  'refs/heads/a.lock',
  'refs/heads/a b',
  'refs/heads/a\n',
  'refs/heads/-a',
  'refs/heads/a@{1}',
  'refs/heads/a*',
  'refs/heads//a',
  'refs/heads/a.',
])('%j is not a valid ref name', (name) => {
  expect(isRefName(name)).toBe(false)
})

test.each(['', '/etc/passwd', '../x', 'a/../b', '.git/config', 'a/.GIT/hooks/x', 'a//b', 'a\0b'])(
  '%j is not a valid path in a tree',
  (path) => {
    expect(isTreePath(path)).toBe(false)
  },
)

function text(file: { content: Uint8Array } | null): string | null {
  return file === null ? null : Buffer.from(file.content).toString('utf8')
}
