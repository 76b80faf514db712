import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeNewFile } from '../../../src/lib/write-new-file.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orch-write-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test('a new file is written as a whole, and nothing else is left', async () => {
  expect(await writeNewFile(join(folder, 'a'), 'text')).toEqual({ kind: 'written' })
  expect(await readFile(join(folder, 'a'), 'utf8')).toBe('text')
  expect(await readdir(folder)).toEqual(['a'])
})

test('of many writers at once exactly one writes', async () => {
  const path = join(folder, 'a')
  const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`)
  const results = await Promise.all(texts.map((text) => writeNewFile(path, text)))
  const winner = results.findIndex(({ kind }) => kind === 'written')
  expect(results.filter(({ kind }) => kind === 'exists')).toHaveLength(19)
  expect(await readFile(path, 'utf8')).toBe(texts[winner])
  expect(await readdir(folder)).toEqual(['a'])
})

test('nothing that exists is replaced, not even a folder or a link that leads nowhere', async () => {
  await writeFile(join(folder, 'file'), 'mine')
  await mkdir(join(folder, 'folder'))
  await symlink('nowhere', join(folder, 'link'))
  for (const name of ['file', 'folder', 'link']) {
    expect(await writeNewFile(join(folder, name), 'other')).toEqual({ kind: 'exists' })
  }
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('mine')
  expect(await readdir(folder)).toEqual(['file', 'folder', 'link'])
})

test('a folder that does not exist is a failure with the code of the system', async () => {
  const result = await writeNewFile(join(folder, 'missing', 'a'), 'text')
  expect(result).toEqual({ kind: 'failed', code: 'ENOENT' })
})
